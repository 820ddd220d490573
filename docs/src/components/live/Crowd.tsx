// How a crowd fared: the picture of letters that the terminal draws, and the same in words for those who hear the page.
import type { Timeline } from '../../../../checker/src/check/timeline.ts';
import { drawTimeline, timelineInWords } from '../../../../checker/src/run/reports/timeline.ts';
import styles from './report.module.css';

/** Wider than any timeline: where there is less room, it scrolls. */
const columns = 120;

export function Crowd({ timeline }: { timeline: Timeline }) {
  const { lines, notes } = drawTimeline(timeline, columns);
  return (
    <figure className={styles.log}>
      <figcaption>How the crowd fared, from left to right</figcaption>
      <pre tabIndex={0} role="img" aria-label={`How the crowd fared. ${timelineInWords(timeline)}`}>
        {lines.join('\n')}
      </pre>
      <ul className={styles.notes}>
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </figure>
  );
}

import { useProgress } from './Live';
import styles from './live.module.css';

/** How to begin a step, for those who read pages that know nothing of their progress. */
export function Begin({ step }: { step: number }) {
  if (useProgress()) return null;
  return (
    <aside className={`${styles.begin} ${styles.onlyStatic}`} aria-label="How to begin">
      <p>
        To do the exercises, clone the repository of the workshop. Then, in its folder, with the check in a second terminal:
      </p>
      <pre tabIndex={0} aria-label={`The two commands to begin with step ${step}`}>
        <code>
          {'./setup && npm start\n'}
          {`npm run check 0${step}`}
        </code>
      </pre>
      <p>These pages then come from your own computer, and show how each exercise stands.</p>
    </aside>
  );
}

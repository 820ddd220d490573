import Link from '@docusaurus/Link';
import { countPassed, isDone, type Count, type Progress, type StepProgress } from '../live/progress';
import styles from './home.module.css';

/** Where a learner stands, and where to go on. */
export function SoFar({ progress }: { progress: Progress }) {
  return (
    <div className={styles.soFar}>
      <h2>Your way so far</h2>
      <ul>
        {progress.steps.map((step) => (
          <Row key={step.name} step={step} />
        ))}
      </ul>
      <GoOn progress={progress} />
    </div>
  );
}

function Row({ step }: { step: StepProgress }) {
  const { name, number, title } = step;
  const { core, extra } = countPassed(step);
  return (
    <li>
      <Link to={`/steps/${name}`}>
        Step {number} · {title}
      </Link>
      : <span className={styles.count}>{inWords(core)} core</span>
      {extra.all > 0 && (
        <>
          , <span className={styles.count}>{inWords(extra)} extra</span>
        </>
      )}
      {isDone(step) && <Done />}
    </li>
  );
}

function inWords({ passed, all }: Count): string {
  return `${passed} of ${all}`;
}

function GoOn({ progress: { steps, next } }: { progress: Progress }) {
  const step = steps.find(({ name }) => name === next?.step);
  const exercise = step?.exercises.find(({ slug }) => slug === next?.exercise);
  if (!step || !exercise) {
    return (
      <p>
        All core exercises are passed. <Link to="/beyond">See what lies beyond</Link>
      </p>
    );
  }
  const isFirst = steps.every(({ exercises }) => exercises.every(({ at }) => at === undefined));
  return (
    <Link className={styles.begin} to={`/steps/${step.name}#${exercise.slug}`}>
      {isFirst ? 'Begin' : 'Go on'} with {exercise.number} {exercise.title}
    </Link>
  );
}

/** The mark of a step whose core exercises are all passed. */
export function Done() {
  return (
    <span className={styles.done}>
      {' '}
      <span aria-hidden="true">✓</span> done
    </span>
  );
}

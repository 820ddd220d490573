import { useStanding } from './live/Live';
import type { Standing } from './live/progress';
import { Report } from './live/Report';
import { StateInFull } from './live/State';
import { useExercise } from './step-data';
import styles from './exercises.module.css';
import live from './live/live.module.css';

/** The facts of an exercise, under its heading: kind, time, files to touch, its check, and what came of that. */
export function Task({ exercise: slug }: { exercise: string }) {
  const { step, exercise } = useExercise(slug);
  const standing = useStanding(step.folder, slug);
  return (
    <>
      <dl className={`${styles.task} ${borderOf(standing)}`}>
        <div>
          <dt>Kind</dt>
          <dd>
            {exercise.kind}, about {exercise.minutes} minutes
          </dd>
        </div>
        <div>
          <dt>Work in</dt>
          <dd>
            {exercise.files.map((file) => (
              <code key={file}>
                steps/{step.folder}/{file}
              </code>
            ))}
          </dd>
        </div>
        <div>
          <dt>Check</dt>
          <dd>
            <code>npm run check {exercise.number}</code>
          </dd>
        </div>
        <div className={standing ? undefined : live.waiting}>
          <dt>State</dt>
          <dd>{standing ? <StateInFull standing={standing} /> : '…'}</dd>
        </div>
      </dl>
      {standing && <Report standing={standing} />}
    </>
  );
}

function borderOf(standing: Standing | undefined): string | undefined {
  if (standing === undefined || standing.state === 'passed') return '';
  return standing.state === 'failed' ? styles.failed : styles.notPassed;
}

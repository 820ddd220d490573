import { Begin } from './live/Begin';
import { useStanding, useStepProgress } from './live/Live';
import { State } from './live/State';
import { Summary } from './live/Summary';
import { duration, minutesOf, useStep, type ExerciseData } from './step-data';
import styles from './exercises.module.css';
import live from './live/live.module.css';

/** The exercises of a step, in their order, and how they stand. */
export function Exercises({ step }: { step: number }) {
  const { exercises, folder } = useStep(step);
  const progress = useStepProgress(folder);
  const core = exercises.filter(({ kind }) => kind === 'core');
  return (
    <>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">
              <abbr title="Number">No.</abbr>
            </th>
            <th scope="col">Exercise</th>
            <th scope="col" className={styles.wide}>
              Kind
            </th>
            <th scope="col" className={styles.wide}>
              Time
            </th>
            <th scope="col" className={progress ? undefined : live.waiting}>
              State
            </th>
          </tr>
        </thead>
        <tbody>
          {exercises.map((exercise) => (
            <ExerciseRow key={exercise.slug} step={folder} exercise={exercise} />
          ))}
        </tbody>
      </table>
      <p className={progress ? styles.summary : live.waiting}>{progress ? <Summary step={progress} /> : '…'}</p>
      <p className={styles.sum}>
        Core: {duration(minutesOf(core))}. With the extras: {duration(minutesOf(exercises))}. Extras go further and do not
        hold up the next step.
      </p>
      <Begin step={step} />
    </>
  );
}

function ExerciseRow({ step, exercise }: { step: string; exercise: ExerciseData }) {
  const standing = useStanding(step, exercise.slug);
  return (
    <tr>
      <td>{exercise.number}</td>
      <td>
        <a href={`#${exercise.slug}`}>{exercise.title}</a>
        <span className={`${styles.note} ${styles.narrow}`}>
          {exercise.kind}, {exercise.minutes} min
        </span>
        {standing?.checkHasChanged && <span className={styles.note}>the check has changed since you passed it</span>}
      </td>
      <td className={styles.wide}>{exercise.kind}</td>
      <td className={styles.wide}>{exercise.minutes} min</td>
      <td className={standing ? undefined : live.waiting}>{standing && <State standing={standing} />}</td>
    </tr>
  );
}

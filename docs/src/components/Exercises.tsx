import { duration, minutesOf, useStep, type ExerciseData } from './step-data';
import styles from './exercises.module.css';

/** The exercises of a step, in their order. */
export function Exercises({ step }: { step: number }) {
  const { exercises } = useStep(step);
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
            <th scope="col">Kind</th>
            <th scope="col">Time</th>
          </tr>
        </thead>
        <tbody>
          {exercises.map((exercise) => (
            <ExerciseRow key={exercise.slug} exercise={exercise} />
          ))}
        </tbody>
      </table>
      <p className={styles.sum}>
        Core: {duration(minutesOf(core))}. With the extras: {duration(minutesOf(exercises))}. Extras go further and do not
        hold up the next step.
      </p>
    </>
  );
}

function ExerciseRow({ exercise }: { exercise: ExerciseData }) {
  return (
    <tr>
      <td>{exercise.number}</td>
      <td>
        <a href={`#${exercise.slug}`}>{exercise.title}</a>
      </td>
      <td>{exercise.kind}</td>
      <td>{exercise.minutes} min</td>
    </tr>
  );
}

import { useExercise } from './step-data';
import styles from './exercises.module.css';

/** The facts of an exercise, under its heading: kind, time, files to touch, and its check. */
export function Task({ exercise: slug }: { exercise: string }) {
  const { step, exercise } = useExercise(slug);
  return (
    <dl className={styles.task}>
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
    </dl>
  );
}

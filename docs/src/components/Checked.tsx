import { useExercise } from './step-data';
import styles from './exercises.module.css';

/** What the check of an exercise judges, a sentence each. */
export function Checked({ exercise: slug }: { exercise: string }) {
  const { exercise } = useExercise(slug);
  return (
    <section className={styles.checked} aria-label={`What is checked in ${exercise.number}`}>
      <p className={styles.checkedTitle}>What is checked</p>
      <ul>
        {exercise.checked.map((sentence) => (
          <li key={sentence}>
            <WithCode text={sentence} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Text of step.ts, in which backticks mark code. */
export function WithCode({ text }: { text: string }) {
  return text.split('`').map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part));
}

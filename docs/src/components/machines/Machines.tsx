import { Drawing } from './Drawing';
import { newIn, sceneOf } from './scenes';
import styles from './machines.module.css';

/** The machines before and after a step, side by side. Both are numbers of steps; 0 is what step 1 begins with. */
export function Machines({ before, after }: { before: number; after: number }) {
  const old = sceneOf(before);
  const then = sceneOf(after);
  return (
    <div className={styles.pair}>
      <figure>
        <figcaption>Before</figcaption>
        <Drawing scene={{ ...old, people: then.people }} />
      </figure>
      <figure>
        <figcaption>After</figcaption>
        <Drawing scene={then} fresh={newIn(then, old)} />
      </figure>
    </div>
  );
}

import Link from '@docusaurus/Link';
import { useStepProgress } from '../live/Live';
import { isDone } from '../live/progress';
import { Drawing } from '../machines/Drawing';
import { newIn, sceneOf } from '../machines/scenes';
import { duration, minutesOf, useSteps, type StepData } from '../step-data';
import { Done } from './SoFar';
import styles from './home.module.css';

interface Stage {
  number: number;
  users: string;
  title: string;
  /** What hurts at this size. */
  pain: string;
  page: string;
  effort: string;
}

/** The six steps as a path, with the machines that each leaves behind. */
export function Way() {
  return (
    <ol className={styles.way}>
      {useSteps().map(toStage).map((stage) => (
        <Stop key={stage.number} stage={stage} />
      ))}
    </ol>
  );
}

function toStage({ number, users, title, pain, folder, exercises }: StepData): Stage {
  const core = exercises.filter(({ kind }) => kind === 'core');
  const effort = `${exercises.length} exercises. Core: ${core.length}, in about ${duration(minutesOf(core))}.`;
  return { number, users, title, pain, page: `/steps/${folder}`, effort };
}

function Stop({ stage }: { stage: Stage }) {
  const scene = sceneOf(stage.number);
  const progress = useStepProgress(stage.page.replace('/steps/', ''));
  const fresh = newIn(scene, sceneOf(stage.number - 1));
  return (
    <li className={styles.stop}>
      <div>
        <p className={styles.users}>
          {stage.users}
          {progress && isDone(progress) && <Done />}
        </p>
        <h3>
          <Link to={stage.page}>
            {stage.number}. {stage.title}
          </Link>
        </h3>
        <p>{stage.pain}</p>
        <p className={styles.effort}>{stage.effort}</p>
      </div>
      <Drawing scene={scene} fresh={fresh} compact />
    </li>
  );
}

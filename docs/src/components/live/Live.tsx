// Hands the learner's progress to all that shows it, and says what is new.
import { createContext, useContext, useLayoutEffect, useSyncExternalStore, type ReactNode } from 'react';
import { Notices } from './Notices';
import { keepPlace } from './place';
import { standingIn, type Progress, type Standing, type StepProgress } from './progress';
import { builtAnew, current, subscribe, unconnected } from './store';
import styles from './live.module.css';

const ProgressContext = createContext<Progress | undefined>(undefined);

/** Undefined while the page is as the server sent it, and for good where it is served without `npm start`. */
export function useProgress(): Progress | undefined {
  return useContext(ProgressContext);
}

/** @param name the folder of the step */
export function useStepProgress(name: string): StepProgress | undefined {
  return useProgress()?.steps.find((step) => step.name === name);
}

export function useStanding(step: string, slug: string): Standing | undefined {
  const progress = useProgress();
  return progress && standingIn(progress, step, slug);
}

export function LiveProvider({ children }: { children: ReactNode }) {
  const live = useSyncExternalStore(subscribe, current, () => undefined);
  useLayoutEffect(keepPlace, [live]);
  return (
    <ProgressContext value={live?.progress}>
      {children}
      {live && (
        <>
          <div role="status" className={styles.unseen}>
            <p key={live.news.number}>{live.news.text}</p>
          </div>
          <Notices unconnected={live.connected ? undefined : unconnected} builtAnew={live.outdated ? builtAnew : undefined} />
        </>
      )}
    </ProgressContext>
  );
}

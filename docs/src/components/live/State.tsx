import type { State as StateName } from '../../../../checker/src/run/kept/standing.ts';
import { ago } from '../../../../checker/src/run/reports/ago.ts';
import { useNow } from './clock';
import type { Standing } from './progress';
import styles from './live.module.css';

const marks: Record<StateName, string> = { open: '·', judging: '…', passed: '✓', failed: '✗', 'not run': '○' };
const classes: Record<StateName, string | undefined> = {
  open: styles.quiet,
  judging: styles.judging,
  passed: styles.passed,
  failed: styles.failed,
  'not run': styles.notRun,
};

/** `✓ passed`: a mark and a word. */
export function State({ standing: { state } }: { standing: Standing }) {
  return (
    <span className={classes[state]}>
      <span aria-hidden="true">{marks[state]}</span> {state}
    </span>
  );
}

/** `✗ failed, 3 min ago` */
export function StateInFull({ standing }: { standing: Standing }) {
  const { state, at, checkHasChanged } = standing;
  const isJudged = at !== undefined && state !== 'open' && state !== 'judging';
  return (
    <span>
      <State standing={standing} />
      {state === 'open' && checkHasChanged && ': the check has changed since you passed it'}
      {isJudged && (
        <>
          , <Ago at={at} />
        </>
      )}
    </span>
  );
}

/** `3 min ago`, and the moment itself for those who point at it. */
export function Ago({ at }: { at: string }) {
  const now = useNow();
  return (
    <time dateTime={at} title={new Date(at).toLocaleString()}>
      {ago(at, now)}
    </time>
  );
}

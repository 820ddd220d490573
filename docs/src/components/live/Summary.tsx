import { countPassed, type StepProgress } from './progress';
import { Ago } from './State';

/** `Core: 2 of 4 passed. Last check 3 min ago.` */
export function Summary({ step }: { step: StepProgress }) {
  const { core, extra } = countPassed(step);
  const last = step.exercises.flatMap(({ at }) => at ?? []).sort().at(-1);
  return (
    <>
      Core: {core.passed} of {core.all} passed. {extra.passed > 0 && `Extra: ${extra.passed} of ${extra.all}. `}
      {last === undefined ? (
        <>
          Not checked so far: <code>npm run check 0{step.number}</code>
        </>
      ) : (
        <>
          Last check <Ago at={last} />.
        </>
      )}
    </>
  );
}

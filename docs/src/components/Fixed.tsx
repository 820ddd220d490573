import { WithCode } from './Checked';
import { useStep } from './step-data';
import styles from './exercises.module.css';

/** What a step's checks rely on. Everything else is the learner's to choose. */
export function Fixed({ step }: { step: number }) {
  const { fixed } = useStep(step);
  return (
    <dl className={styles.fixed}>
      {fixed.machines.map(({ name, hosts }) => (
        <Row key={name} kind="Machine" name={name} meaning={hosts} />
      ))}
      {fixed.entrances.map(({ name, machine, meaning }) => (
        <Row key={name} kind="Entrance" name={name} meaning={`On machine \`${machine}\`: ${meaning}`} />
      ))}
      {fixed.variables.map(({ name, value, meaning }) => (
        <Row key={name} kind="Variable" name={value === undefined ? name : `${name}=${value}`} meaning={meaning} />
      ))}
      {fixed.bounds.map((bound) => (
        <div key={bound}>
          <dt>Bound</dt>
          <dd>
            <WithCode text={bound} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Row({ kind, name, meaning }: { kind: string; name: string; meaning: string }) {
  return (
    <div>
      <dt>
        {kind} <code>{name}</code>
      </dt>
      <dd>
        <WithCode text={meaning} />
      </dd>
    </div>
  );
}

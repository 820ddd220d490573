// What gives in first, and what each of the ways out buys: numbers to turn, and how full each machine is.
import { useId, useState, type ReactNode } from 'react';
import { afterStep6, assumptions, costsOf, fullest, loadsOf, number, type Load, type Sketch as Values } from './model';
import styles from './sketch.module.css';

const situations: { label: string; values: Partial<Values> }[] = [
  { label: 'As after step 6', values: {} },
  { label: '20 times the readers', values: { reads: 40_000, apis: 45 } },
  { label: '20 times the writers', values: { writes: 1_000, apis: 4 } },
  { label: '50 times the rows', values: { millionRows: 1_000, writes: 150 } },
];

export function Sketch() {
  const [values, setValues] = useState<Values>(afterStep6);
  const set = (changed: Partial<Values>): void => setValues((old) => ({ ...old, ...changed }));
  const title = useId();
  return (
    <section className={styles.sketch} aria-labelledby={title}>
      <h3 id={title} className={styles.title}>
        What gives in first?
      </h3>
      <div className={styles.situations} role="group" aria-label="Begin with">
        {situations.map(({ label, values: changed }) => (
          <button key={label} type="button" onClick={() => setValues({ ...afterStep6, ...changed })}>
            {label}
          </button>
        ))}
      </div>
      <div className={styles.controls}>
        <fieldset>
          <legend>What comes in</legend>
          <Amount label="Reads of the feed" unit="a second" value={values.reads} from={100} to={100_000} onChange={(reads) => set({ reads })} />
          <Amount label="Photos and likes" unit="a second" value={values.writes} from={1} to={10_000} onChange={(writes) => set({ writes })} />
          <Amount label="Rows" unit="million" value={values.millionRows} from={1} to={10_000} onChange={(millionRows) => set({ millionRows })} />
        </fieldset>
        <fieldset>
          <legend>What is there</legend>
          <Count label="API machines" value={values.apis} from={1} to={120} onChange={(apis) => set({ apis })} />
          <Count label="Shards" value={values.shards} from={1} to={16} onChange={(shards) => set({ shards })} />
          <Count label="Replicas of each shard" value={values.replicas} from={0} to={5} onChange={(replicas) => set({ replicas })} />
          <Switch label="Cache" value={values.cache} onChange={(cache) => set({ cache })} />
          <Switch label="Partitions by month" value={values.partitions} onChange={(partitions) => set({ partitions })} />
          <Switch label="Queue for slow work" value={values.queue} onChange={(queue) => set({ queue })} />
        </fieldset>
      </div>
      <Result values={values} />
      <details>
        <summary>The model, and what it assumes</summary>
        <p>
          How full a machine is = work that arrives ÷ work that it can do. At more than 100 % the queue before it grows for as long as that
          lasts. Below it, an answer takes 1 ÷ (1 − how full) times as long as on an idle machine: so it is where people come at random and
          one is served at a time. Real machines differ; measure yours.
        </p>
        <ul>
          {assumptions.map((assumption) => (
            <li key={assumption}>{assumption}</li>
          ))}
        </ul>
      </details>
    </section>
  );
}

function Result({ values }: { values: Values }) {
  const loads = loadsOf(values);
  const first = fullest(loads);
  const costs = costsOf(values);
  return (
    <>
      <p className={styles.verdict} aria-live="polite">
        {verdictOn(loads)} {loads.reduce((sum, { count }) => sum + count, 0)} machines in all.
      </p>
      <ul className={styles.loads} aria-label="How full each kind of machine is">
        {loads.map((load) => (
          <Bar key={load.name} load={load} isFirst={load === first} />
        ))}
      </ul>
      {costs.length > 0 && (
        <>
          <p className={styles.heading}>What you live with</p>
          <ul>
            {costs.map((cost) => (
              <li key={cost}>{cost}</li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function verdictOn(loads: readonly Load[]): string {
  const givingIn = loads.filter(({ use }) => use >= 1).sort((a, b) => b.use - a.use);
  if (givingIn.length > 0) {
    const each = givingIn.map(({ name, use }) => `the ${name}, of which ${percent(use)} of what it can do is asked`);
    return `First gives in ${each.join('; then ')}.`;
  }
  const { name, use } = fullest(loads);
  return `Nothing gives in. The fullest is the ${name}, at ${percent(use)}: an answer takes ${number(1 / (1 - use))} times as long there as when idle.`;
}

function Bar({ load: { name, count, use, formula }, isFirst }: { load: Load; isFirst: boolean }) {
  const givesIn = use >= 1;
  return (
    <li className={givesIn ? styles.givesIn : undefined}>
      <span className={styles.name}>
        {name} × {count}
      </span>
      <span className={styles.use}>
        {percent(use)}
        {givesIn ? ', gives in' : isFirst ? ', the fullest' : ''}
      </span>
      <span className={styles.track} aria-hidden="true">
        <span className={styles.bar} style={{ width: `${Math.min(use, 1) * 100}%` }} />
      </span>
      <span className={styles.formula}>{formula}</span>
    </li>
  );
}

function percent(use: number): string {
  return `${number(Math.round(use * 100))} %`;
}

/** A quantity over several powers of ten: each step of the slider is a tenth of one. */
function Amount({ label, unit, value, from, to, onChange }: { label: string; unit: string; value: number; from: number; to: number; onChange: (value: number) => void }) {
  const id = useId();
  const steps = 20;
  const said = `${number(value)} ${unit}`;
  const at = (position: number): number => Number((10 ** (position / steps)).toPrecision(2));
  return (
    <Row label={label} id={id} said={said}>
      <input
        id={id}
        type="range"
        min={Math.round(Math.log10(from) * steps)}
        max={Math.round(Math.log10(to) * steps)}
        value={Math.round(Math.log10(value) * steps)}
        aria-valuetext={said}
        onChange={(event) => onChange(at(Number(event.target.value)))}
      />
    </Row>
  );
}

function Count({ label, value, from, to, onChange }: { label: string; value: number; from: number; to: number; onChange: (value: number) => void }) {
  const id = useId();
  return (
    <Row label={label} id={id} said={String(value)}>
      <input id={id} type="range" min={from} max={to} value={value} onChange={(event) => onChange(Number(event.target.value))} />
    </Row>
  );
}

function Row({ label, id, said, children }: { label: string; id: string; said: string; children: ReactNode }) {
  return (
    <div className={styles.row}>
      <label htmlFor={id}>{label}</label>
      <span className={styles.said} aria-hidden="true">
        {said}
      </span>
      {children}
    </div>
  );
}

function Switch({ label, value, onChange }: { label: string; value: boolean; onChange: (value: boolean) => void }) {
  return (
    <label className={styles.switch}>
      <input type="checkbox" checked={value} onChange={(event) => onChange(event.target.checked)} /> {label}
    </label>
  );
}

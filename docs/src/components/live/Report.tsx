// Why an exercise failed or was not run: what the terminal says of it, under the exercise's heading.
import type { FailureReport, NotRunReport } from '../../../../checker/src/run/reports/report.ts';
import { Crowd } from './Crowd';
import type { Standing } from './progress';
import styles from './report.module.css';

export function Report({ standing: { number, state, report } }: { standing: Standing }) {
  if (report === undefined) return null;
  return (
    <section className={`${styles.report} ${state === 'failed' ? styles.failed : ''}`} aria-label={`Report on ${number}`}>
      {state === 'judging' && <p className={styles.before}>It is judged right now. The check before said:</p>}
      {'reason' in report ? <NotRun report={report} /> : <Failure report={report} />}
    </section>
  );
}

function NotRun({ report: { reason, remedy } }: { report: NotRunReport }) {
  return (
    <>
      <p className={styles.headline}>{reason}</p>
      {remedy !== undefined && <p>{remedy}</p>}
    </>
  );
}

function Failure({ report: { headline, did, saw, expected, why, timeline, lookIn, hint, log } }: { report: FailureReport }) {
  return (
    <>
      <p className={styles.headline}>{headline}</p>
      <dl className={styles.lines}>
        <Text name="did" text={did} />
        <Text name="saw" text={saw} />
        <Text name="expected" text={expected} />
        <Text name="why" text={why} />
        <Codes name="look in" codes={lookIn} />
        <Codes name="hint" codes={[hint]} />
      </dl>
      {timeline && <Crowd timeline={timeline} />}
      {log.map(({ machine, lines }, index) => (
        <figure key={index} className={styles.log}>
          <figcaption>The last that {machine} printed</figcaption>
          <pre tabIndex={0} role="group" aria-label={`The last that ${machine} printed`}>
            {lines.join('\n')}
          </pre>
        </figure>
      ))}
    </>
  );
}

function Text({ name, text }: { name: string; text: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{text}</dd>
    </div>
  );
}

function Codes({ name, codes }: { name: string; codes: string[] }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={styles.codes}>
        {codes.map((code) => (
          <code key={code}>{code}</code>
        ))}
      </dd>
    </div>
  );
}

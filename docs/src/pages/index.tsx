import Link from '@docusaurus/Link';
import Layout from '@theme/Layout';
import { FailingCheck } from '../components/home/FailingCheck';
import { SoFar } from '../components/home/SoFar';
import { Way } from '../components/home/Way';
import { useProgress } from '../components/live/Live';
import styles from '../components/home/home.module.css';
import live from '../components/live/live.module.css';

const article = 'https://alexpareto.com/scalability/systems/2020/02/03/scaling-100k.html';

export default function Home() {
  const progress = useProgress();
  return (
    <Layout description="A workshop: scale a photo app from 1 to 100,000 users, one machine at a time.">
      <main className={styles.home}>
        <section className={styles.hero}>
          <div>
            <h1>Run one machine until it hurts. Then add the next.</h1>
            <p className={styles.lead}>
              Graminsta is a photo app, and it is yours to keep alive. It begins with 1 user on 1 machine. By the end
              100,000 people use it, and you have added every machine in between, each because the one before gave in.
            </p>
            {progress && <SoFar progress={progress} />}
            <p>
              You write TypeScript. A checker on your computer plays the rest of the world: it signs up, uploads, likes
              all at once, kills your server in the middle of a write and cuts the line to your database. Then it tells
              you what it saw.
            </p>
            {!progress && <HowToBegin />}
          </div>
          <FailingCheck />
        </section>

        <section>
          <h2>Six steps, each forced by the one before</h2>
          <p className={styles.intro}>
            At every size you first see what stops working, then build the part that helps, then break it to find out
            whether it holds. New machines are marked.
          </p>
          <Way />
        </section>

        <section className={styles.ideas}>
          <h2>What you will build, and break</h2>
          <div className={styles.grid}>
            <article>
              <h3>Real servers, on your computer</h3>
              <p>
                Real Postgres, real processes, real connections. A machine here is a set of processes with a disk of its
                own. It needs no cloud account, and no Docker.
              </p>
            </article>
            <article>
              <h3>Judged by behaviour</h3>
              <p>
                The checker never reads your code. It talks to your machines as users do and looks at what came back.
                Use Express or Fastify, any query library, any files you like.
              </p>
            </article>
            <article>
              <h3>Accidents on purpose</h3>
              <p>
                A database that dies. A database that stays silent, which is worse. Fifty likes in one moment. A machine
                that stops between two writes, or in the middle of a deploy. You meet each of them here before it meets
                you at work.
              </p>
            </article>
            <article>
              <h3>For people who know TypeScript</h3>
              <p>
                You need to read and write TypeScript and a little SQL. You do not need to have run more than one server
                before. Every idea is explained where you need it.
              </p>
            </article>
          </div>
        </section>

        <p className={styles.credit}>
          The workshop follows the article <a href={article}>Scaling to 100k users</a> by Alex Pareto. Read it first if
          you have ten minutes: it is the map, and this is the walk.
        </p>
      </main>
    </Layout>
  );
}

/** For those who read pages that know nothing of their progress. */
function HowToBegin() {
  return (
    <div className={`${styles.commands} ${live.onlyStatic}`}>
      <p>Begin with two commands:</p>
      <pre tabIndex={0} aria-label="The two commands to begin">
        <code>
          {'./setup && npm start\n'}
          {'npm run check 01'}
        </code>
      </pre>
      <Link className={styles.begin} to="/steps/01-single-machine">
        Begin with step 1
      </Link>
      <Link className={styles.quietLink} to="/set-up">
        What you need first
      </Link>
    </div>
  );
}

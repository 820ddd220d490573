import styles from './home.module.css';

/** What a learner sees when a check fails. */
export function FailingCheck() {
  return (
    <figure className={styles.terminal}>
      <figcaption>A check that fails says what it did, what it saw, and where to look</figcaption>
      <pre tabIndex={0} aria-label="The terminal output of a failing check">
        <code>
          <span className={styles.quiet}>$</span> npm run check 01{'\n\n'}
          <b>Step 1 · A single machine</b> <span className={styles.quiet}>· 1 user</span>
          {'\n\n'}
          {'  '}
          <span className={styles.good}>✓ 1.1</span>
          {'  Start the machine               '}
          <span className={styles.quiet}>0.9 s</span>
          {'\n  '}
          <span className={styles.bad}>✗ 1.2</span>
          {'  Upload and show a photo         '}
          <span className={styles.quiet}>0.4 s</span>
          {'\n\n    '}
          <b className={styles.bad}>Wrong answer, on machine server</b>
          {'\n'}
          <Row
            name="did"
            lines={['Ada posted small.webp, named small.png and', 'called image/png by her phone, and looked at it']}
          />
          <Row name="saw" lines={['GET /images/7.png →', 'content-type: image/png']} />
          <Row name="expected" lines={['content-type: image/webp,', 'which is what the bytes are']} />
          <Row name="why" lines={['A browser that is told a wrong type shows', 'nothing, or runs a picture as a page.']} />
          {'\n'}
          <Row name="look in" lines={['steps/01-single-machine/src/photos.ts']} />
          <Row name="hint" lines={['npm run hint 1.2']} />
          <Row name="read" lines={['npm start, then', '/steps/01-single-machine#upload-and-show']} />
          {'\n\n  1 passed, 1 failed, 4 not run'}
        </code>
      </pre>
    </figure>
  );
}

function Row({ name, lines }: { name: string; lines: string[] }) {
  return lines.map((line, index) => (
    <span key={line}>
      {'\n    '}
      <span className={styles.quiet}>{(index === 0 ? name : '').padEnd(10)}</span>
      {line}
    </span>
  ));
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { distinct, exercise, feedIn, photoIn, picture, pictures, requireStatus, requireThat, sentences, type Answer, type App, type Picture } from 'checker/check';

const run = promisify(execFile);

/** An upload and what came of it, until the machine was killed. */
interface Attempt {
  caption: string;
  original: Picture;
  answer: Promise<Answer>;
}

/** What happened so far. */
interface Story {
  attempts: Attempt[];
  /** Captions and names that the database held before a kill: it shows who lost them. */
  held: Set<string>;
}

/** Caption of a photo that was posted before anything else happened. */
const inPeace = 'posted in peace';

const why = 'Who is told that a photo is stored stops keeping it, and who sees the feed expects an image.';

export default exercise(async ({ start }) => {
  const app = await start();
  const story: Story = { attempts: [], held: new Set() };
  const first = await uploader(app, story);
  // What is lost of this one was not lost by its moment.
  await first.upload(inPeace);
  for (const text of ['ada', inPeace]) if (await app.database().holds(text)) story.held.add(text);

  // Half of one upload has arrived; another has arrived whole, and its row waits for a locked table.
  const half = await first.ada.beginsUpload(first.next('half-sent'));
  story.attempts.push({ caption: 'half-sent', original: first.last(), answer: half.answer });
  await half.sendUpTo(0.5);
  await app.database().lockTables('access exclusive');
  const locked = first.upload('waiting for the table');
  await Promise.race([locked, app.database().untilTheyWait()]);
  await killAndReturn(app);
  await judge(app, story, 'while one upload was half sent and another waited for the database');

  // The row is in the database's log, and nobody has been told so yet.
  const second = await uploader(app, story);
  await app.database().holdCommits();
  const committed = second.upload('committed and not confirmed');
  await Promise.race([committed, untilHeld(app)]);
  await killAndReturn(app);
  await judge(app, story, 'when the row of an upload was written and the app had not been told yet');

  // There is no room left on the disk.
  const fourth = await uploader(app, story);
  const full = await fillDisk(app);
  if (full) {
    await fourth.upload('while the disk was full');
    await full.empty();
    await judge(app, story, 'after there had been no room on its disk for a while', false);
  }

  // The first of several is acknowledged.
  const third = await uploader(app, story);
  await Promise.race([1, 2, 3, 4, 5, 6].map((number) => third.upload(`one of six, ${number}`)));
  await killAndReturn(app);
  await judge(app, story, 'at the moment when the first of six uploads was acknowledged');
});

async function uploader(app: App, { attempts, held }: Story) {
  const ada = app.visitor('ada');
  if (attempts.length === 0) requireStatus(await ada.signsUp(), 201, { did: 'Ada signed up', why: 'Every photo belongs to somebody.' });
  else {
    const session = await ada.logsIn();
    const lost = !session.ok && (await lostByTheDatabase(app, held, 'ada'));
    requireThat(session.ok, {
      kind: 'did not survive',
      did: 'Ada signed up, server was killed and started again, and Ada logged in',
      saw: sentences(session.toString(), lost ? heldNoMore : undefined),
      expected: 'that she can log in: she had been told that she is signed up',
      why: lost ? whyLost : 'Accounts are data too.',
      machine: 'server',
    });
  }
  let made = pictures.png;
  const next = (mark: string): Picture => (made = distinct(picture('larger.jpg'), mark));
  return {
    ada,
    next,
    last: (): Picture => made,
    upload: (caption: string): Promise<Answer> => {
      const original = next(caption);
      const answer = ada.uploads(original, { caption });
      attempts.push({ caption, original, answer });
      return answer;
    },
  };
}

async function untilHeld(app: App): Promise<void> {
  const deadline = performance.now() + 3_000;
  while ((await app.database().heldCommits()) === 0 && performance.now() < deadline);
}

/** As for the app a full disk is: no file grows beyond 100 kB. Undefined where the system has no way to do it. */
async function fillDisk(app: App): Promise<{ empty: () => Promise<void> } | undefined> {
  const pids = app.machine('server').services.filter(({ description }) => description.kind !== 'postgres').flatMap(({ process }) => process?.pid ?? []);
  const limit = async (bytes: string): Promise<void> => {
    for (const pid of pids) await run('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]);
  };
  try {
    await limit('100000');
  } catch {
    return undefined;
  }
  return { empty: () => limit('unlimited') };
}

async function killAndReturn(app: App): Promise<void> {
  await app.machine('server').kill();
  await app.machine('server').start();
  await app.untilReady({ did: 'server was killed in the middle of an upload, and started again' });
}

const heldNoMore = 'the database held it before the kill, and holds it no more';
const whyLost = 'A commit that is answered before it is on the disk (synchronous_commit) and a table without a log (unlogged) do not outlive a kill.';

async function lostByTheDatabase(app: App, held: ReadonlySet<string>, text: string): Promise<boolean> {
  return held.has(text) && !(await app.database().holds(text));
}

async function judge(app: App, { attempts, held }: Story, moment: string, killed = true): Promise<void> {
  const did = killed ? `server was killed ${moment}, and started again` : `Somebody looked at server ${moment}`;
  const visitor = app.visitor();
  const { photos } = feedIn(await visitor.feed({ limit: 50 }), { did: `${did}; somebody opened the feed`, why });

  for (const photo of photos) {
    const image = await visitor.image(photo.imageUrl);
    const original = attempts.find(({ caption }) => caption === photo.caption)?.original;
    requireThat(image.status === 200 && (!original || image.body.equals(original.bytes)), {
      kind: 'did not survive',
      did,
      saw: `the feed has the photo "${photo.caption}"${photo.caption === inPeace ? ', whose upload had been answered before all this' : ''}, and its image: ${image.toString()}${image.ok ? `, ${image.body.length} bytes` : ''}`,
      expected: `every photo in the feed with its whole image${original ? ` (${original.bytes.length} bytes here)` : ''}`,
      why:
        photo.caption === inPeace
          ? 'Images that are kept in the memory of the app or in a temporary folder, or are cleaned away when it starts, do not outlive a restart.'
          : 'Who sees the feed expects an image. A row may be there only when its file is whole and in its place.',
      machine: 'server',
    });
  }

  for (const { caption, answer } of attempts) {
    const outcome = await answer;
    if (!outcome.ok) continue;
    const { id } = photoIn(outcome, 201, { did, why });
    const isThere = photos.some((photo) => photo.id === id);
    const lost = !isThere && (await lostByTheDatabase(app, held, caption));
    const neverHeld = caption === inPeace && !held.has(caption);
    requireThat(isThere, {
      kind: 'did not survive',
      did,
      saw: sentences(`the photo "${caption}" was acknowledged (${outcome.toString()}), and it is gone`, lost ? heldNoMore : neverHeld ? 'the database did not hold it before the kill either' : undefined),
      expected: 'every photo that was acknowledged, with its image',
      why: lost ? whyLost : why,
      machine: 'server',
    });
  }
}

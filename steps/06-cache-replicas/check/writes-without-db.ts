// What becomes of writes while the one database that takes them is away, and of those that it had taken before.

import { outcomes, pause, photoIn, requireThat, until, type Answer, type App, type Photo, type User } from 'checker/check';
import { sentWhileAway, timelineOf, type Away, type DayRecord } from './busy-day.ts';
import { apis } from './machines.ts';

const longestMs = 3_000;
const shownMs = 3_000;

/** Everything that is a write, tried once at each machine and through lb. @throws Failure unless each is refused with a 503 that says when to come again */
export async function requireRefusals(app: App, ada: User, photo: Photo, told: string): Promise<void> {
  const tried = [undefined, ...apis].flatMap((machine) => writesOf(app, ada, photo, machine));
  const answers = await Promise.all(tried.map(async ({ did, write }) => ({ did, answer: await write() })));
  for (const { did, answer } of answers) requireRefused(answer, `${told}; ${did}`);
}

function writesOf(app: App, ada: User, { id }: Photo, machine: string | undefined): { did: string; write: () => Promise<Answer> }[] {
  const where = machine === undefined ? 'through lb' : `at ${machine}`;
  const here = app.visitor('ada', machine);
  here.client.resume(ada.client);
  const newcomer = app.visitor(`late.${machine ?? 'lb'}`, machine);
  return [
    { did: `then Ada liked a photo ${where}`, write: () => here.likes(id) },
    { did: `then Ada took a like back ${where}`, write: () => here.unlikes(id) },
    { did: `then Ada asked to upload ${where}`, write: () => here.asksToUpload({ type: 'image/png', size: 1_000 }) },
    { did: `then Ada deleted a photo ${where}`, write: () => here.deletes(id) },
    { did: `then somebody signed up ${where}`, write: () => newcomer.signsUp() },
    // One address may log in once a second, whoever counts that.
    ...(machine === undefined ? [{ did: `then Ada logged in ${where}`, write: () => app.visitor('ada').logsIn() }] : []),
  ];
}

function requireRefused(answer: Answer, did: string): void {
  const retryAfter = answer.headers['retry-after'];
  requireThat(answer.status === 503 && retryAfter !== undefined, {
    kind: answer.silence ? 'no answer' : 'wrong answer',
    did,
    saw: `${answer.toString()}${answer.status === 503 ? ', without Retry-After' : ''}`,
    expected: 'status 503 with Retry-After',
    why: answer.ok ? 'Who is told that it worked does not try again. What was not stored is lost, and nobody knows.' : 'Nothing can be written now, and soon it can. This is what a 503 with Retry-After says, and every program understands it.',
    machine: answer.machine,
  });
  requireThat(answer.ms <= longestMs, {
    kind: 'too slow',
    did,
    saw: `${answer.toString()} after ${(answer.ms / 1_000).toFixed(1)} s`,
    expected: `the same within ${longestMs / 1_000} s`,
    why: 'A no that comes late costs more than a no: a person, a connection and a place in the pool wait for it.',
    machine: answer.machine,
  });
}

/** @throws Failure unless every like was refused while db was away, once that was known */
export function requireRefusedLikes(record: DayRecord, away: Away): void {
  const likes = sentWhileAway(record.writes, away);
  const others = likes.filter(({ status }) => status !== 503);
  requireThat(others.length === 0, {
    kind: 'requests failed',
    did: away.told,
    saw: `from ${away.noticeMs / 1_000} s after it on, ${others.length} of ${likes.length} likes were answered otherwise: ${outcomes(others)}`,
    expected: 'status 503',
    why: 'Nothing can be written while the one database that takes writes is away. Whoever says otherwise loses it.',
    timeline: timelineOf(record),
  });
}

/** Waits until a machine takes likes again. @throws Failure */
export async function requireLikesWork(app: App, ada: User, { id }: Photo, machine: string, { timeoutMs, told }: { timeoutMs: number; told: string }): Promise<void> {
  const here = app.visitor('ada', machine);
  here.client.resume(ada.client);
  let last: Answer | undefined;
  const works = async (): Promise<boolean> => (last = await here.likes(id)).status === 200;
  await until(`a like at ${machine}`, works, { timeoutMs, everyMs: 50 }).catch(() => {
    requireThat(false, {
      kind: 'too slow',
      did: `${told}, and then it was there again, and Ada liked a photo at ${machine}`,
      saw: last?.toString() ?? 'nothing',
      expected: `status 200 within ${timeoutMs / 1_000} s`,
      why: 'A database that was away for a moment comes back by itself. So do the machines that use it, without anybody who restarts them.',
      machine,
    });
  });
}

/** What db had acknowledged it had written. @throws Failure when a photo has fewer likes than that, or more than were tried */
export async function requireAcknowledged(app: App, { likes, writes }: DayRecord, photos: readonly Photo[]): Promise<void> {
  const visitor = app.visitor();
  const did = 'db was killed and started again, and people looked at photos that were liked before';
  const countOf = (set: ReadonlySet<string>, id: string): number => [...set].filter((like) => like.startsWith(`${id} `)).length;
  const wrongAt = async ({ id }: Photo): Promise<string | undefined> => {
    const shown = photoIn(await visitor.photo(id), 200, { did, why: 'They are all there.' }).likes;
    // Ada liked one of them as well.
    const [least, most] = [countOf(likes.acknowledged, id), countOf(likes.tried, id) + 1];
    return shown >= least && shown <= most ? undefined : `a photo of which ${least} likes were acknowledged, and ${most} tried, has ${shown}`;
  };
  const startedAt = performance.now();
  for (const photo of photos) {
    let wrong = await wrongAt(photo);
    while (wrong !== undefined && performance.now() - startedAt < shownMs) {
      await pause(100);
      wrong = await wrongAt(photo);
    }
    requireThat(wrong === undefined, { kind: 'did not survive', did, saw: wrong ?? '', expected: 'every like that was answered with 200', why: 'What was acknowledged is kept, whatever happens.', timeline: timelineOf({ likes, writes, reads: writes }) });
  }
}

// Permissions that somebody changes: what each would let in, if storage did not look.

import { pause, pictures, requireThat, type Answer, type App, type Picture, type User } from 'checker/check';
import { bare, forgeriesOf, sized, type Forgery, type Ticket } from './permissions.ts';
import { requireRefusal, requireRefused, requireNoPhoto, requireUnseen, withoutQuery, type Attempt } from './refusing.ts';
import { allowed, posted, requireInTime, stored, type Permission } from './uploading.ts';

/** More than any of the pictures has, so that each can be made as large. */
const size = 8_000;
const type = 'image/png';
const graceMs = 1_300;
const why = 'A permission is a promise about one image: this name, this type, this size, until then. What the signature does not cover, anybody can choose.';

const model = sized(pictures.png, 'as it was meant', size);

/** Each forgery is of a permission that nobody has used: what was let in once is refused for that from then on. */
export async function forged(app: App, ada: User, bob: User, seconds: number): Promise<void> {
  const pathIsEnough = await isEnough(ada, seconds);
  const [own, other] = [await allowed(ada, model), await allowed(ada, model)];
  const accepted: Answer[] = [];
  let refused = 0;
  for (let index = 0; index < forgeriesOf(own, { other, type, size, seconds }).length; index += 1) {
    const [permission, another] = [await allowed(ada, model), await allowed(ada, model)];
    const forgery = forgeriesOf(permission, { other: another, type, size, seconds })[index];
    if (!forgery || forgery.demand === 'refused later') continue;
    const attempt = { ...attemptWith(forgery, index), inTime: { permission, seconds } };
    if (forgery.demand === 'refused') await requireRefused(app, bob, attempt);
    else if (forgery.demand === 'swap') {
      const isTheOther = pathIsEnough && bare(forgery.ticket).url === bare(another).url;
      if (!isTheOther) await requireHarmless(app, ada, bob, attempt, another);
    } else {
      const answer = await bob.puts(attempt.ticket, attempt.picture.bytes);
      if (answer.ok) accepted.push(answer);
      else {
        requireRefusal(answer, attempt);
        requireInTime(permission, seconds);
        await requireUnseen(app, attempt);
        refused += 1;
      }
    }
  }
  requireThat(accepted.length === 0 || refused > 0, {
    did: "Bob sent images to storage with permissions of Ada's, in each of which he had changed one character: of the name, of the signature, of whatever is long enough to be one",
    saw: accepted.map(withoutQuery).join('; '),
    expected: 'a status from 400 to 499 for those in which it counts',
    why,
    machine: 'storage',
  });
  const fresh = await allowed(ada, model);
  await stored(ada, fresh, model, seconds);
  await posted(ada, fresh, 'After the forgeries');
}

function attemptWith({ how, ticket, size: sent = size, type: sentType = type }: Forgery, index: number): Attempt {
  const mark = `forgery number ${index}`;
  const picture = sized(sentType === 'image/gif' ? pictures.gif : pictures.png, mark, sent);
  return { did: `Bob sent an image to storage with a permission of Ada's, ${how}`, why, ticket, picture, mark };
}

/** Whether the path of an address is the whole permission, as a name is that nobody can guess. */
async function isEnough(ada: User, seconds: number): Promise<boolean> {
  const permission = await allowed(ada, model);
  const { ok } = await ada.puts(bare(permission), model.bytes);
  if (!ok) requireInTime(permission, seconds);
  return ok;
}

/** A permission with another's name in it may be let in where that name is for people to read: the other upload is free then. */
async function requireHarmless(app: App, ada: User, bob: User, attempt: Attempt, another: Permission): Promise<void> {
  const answer = await bob.puts(attempt.ticket, attempt.picture.bytes);
  if (answer.ok && (await ada.puts(another, model.bytes)).ok) return;
  requireRefusal(answer, attempt);
  if (attempt.inTime) requireInTime(attempt.inTime.permission, attempt.inTime.seconds);
  await requireUnseen(app, attempt);
}

/** A permission that has lasted its time, taken when the check began: as it is, and with an end that was moved. */
export async function ranOut(app: App, ada: User, permission: Permission, seconds: number): Promise<void> {
  const other = await allowed(ada, model);
  await pause(permission.cameAt + seconds * 1_000 + graceMs - performance.now());
  const did = `Ada got a permission that lasts ${seconds} s (UPLOAD_SECONDS), and used it ${seconds + 1} s later`;
  const whyOver = 'A permission that lasts for ever is one that somebody finds in a log, years later.';
  const moved = forgeriesOf(permission, { other, type, size, seconds }).filter(({ demand }) => demand === 'refused later');
  const tickets: { ticket: Ticket; how: string }[] = [{ ticket: permission, how: '' }, ...moved.map(({ ticket, how }) => ({ ticket, how: `, ${how}` }))];
  for (const { ticket, how } of tickets) await requireRefused(app, ada, { did: did + how, why: whyOver, ticket, picture: lateImage(), mark: 'too late' });
  await requireNoPhoto(ada, permission, { did, why: whyOver });
}

/** What the permission that runs out is for. */
export function lateImage(): Picture {
  return sized(pictures.png, 'too late', size);
}

import { exercise, feedIn, likesIn, photoIn, pictures, requireProblem, requireThat, sentences, type Answer, type App, type Photo, type User } from 'checker/check';

const fanCount = 50;

export default exercise(async ({ start }) => {
  const app = await start();
  const ada = await app.member('ada');
  const fans = await app.members('fan', fanCount);
  const photo = photoIn(await ada.uploads(pictures.webp, { caption: 'Everybody likes this' }), 201, {
    did: 'Ada posted a photo',
    why: 'There has to be something to like.',
  });

  await atTheSameMoment(app, fans.map((fan) => () => fan.likes(photo.id)), `${fanCount} people liked a photo at the same moment`);
  await hasLikes(ada, photo, fanCount, {
    did: `${fanCount} people liked a photo at the same moment`,
    why: 'Who reads a number, adds one and writes it back overwrites what others wrote meanwhile.',
  });

  const bob = await app.member('bob');
  const eager = `Bob liked the photo ${fanCount} times at the same moment`;
  await atTheSameMoment(app, Array.from({ length: fanCount }, () => () => bob.likes(photo.id)), eager);
  await hasLikes(bob, photo, fanCount + 1, { did: eager, why: 'One like per user, however often it is sent: phones send again when they get no answer.' }, fanCount);

  await answersWith(bob, photo, await bob.likes(photo.id), fanCount + 1, 'Bob, who likes the photo, liked it once more');
  await answersWith(bob, photo, await bob.likes(photo.id), fanCount + 1, 'Bob, who likes the photo, liked it yet again');
  const told = { did: 'Bob took his like back', why: 'A like can be taken back.' };
  await answersWith(bob, photo, await bob.unlikes(photo.id), fanCount, told.did);
  await hasLikes(bob, photo, fanCount, told);
  await answersWith(bob, photo, await bob.unlikes(photo.id), fanCount, 'Bob took his like back twice');
  await answersWith(bob, photo, await bob.likes(photo.id), fanCount + 1, 'Bob took his like back, and liked the photo again');
  await inTheFeed(bob, photo, fanCount + 1);

  requireProblem(await app.visitor().likes(photo.id), 401, { did: 'Somebody who is not logged in liked a photo', why: 'A like is somebody\'s.' });
  await app.machine('server').restart();
  await app.untilReady({ did: 'server was restarted' });
  await hasLikes(app.visitor(), photo, fanCount + 1, { did: 'server was restarted', why: 'What people liked is data, and belongs where data lasts.' });
  for (const user of [ada, bob]) await user.logsIn();
  await ada.deletes(photo.id);
  requireProblem(await bob.likes(photo.id), 404, { did: 'Ada deleted her photo, and Bob liked it', why: 'There is nothing there to like.' });
});

/** Every request gets as far as its first write, and there they meet: the tables are held until no more of them come. */
async function atTheSameMoment(app: App, requests: (() => Promise<Answer>)[], did: string): Promise<void> {
  const database = app.database();
  const lock = await database.lockTables('exclusive');
  const answers = Promise.all(requests.map((send) => send()));
  await Promise.race([answers, database.untilTheyWait()]);
  await lock.release();
  for (const answer of await answers) likesIn(answer, { did, why: 'Whoever likes a photo, however many do and however often, is told the number.' });
}

/** The answer to a like says how many there are now. */
async function answersWith(viewer: User, { id }: Photo, answer: Answer, expected: number, did: string): Promise<void> {
  const told = { did, why: 'The answer is what the page shows to the one who tapped.' };
  const likes = likesIn(answer, told);
  if (likes === expected) return;
  // Whether the number is wrong, or only the answer.
  const after = await viewer.photo(id);
  const { likes: stored } = (after.json ?? {}) as { likes?: unknown };
  requireThat(false, {
    ...told,
    saw: sentences(`${answer.call} → ${counted(likes)}`, typeof stored === 'number' ? `right after it ${after.call} → ${counted(stored)}` : undefined),
    expected: `${counted(expected)}: one of each user`,
    machine: answer.machine,
  });
}

async function inTheFeed(viewer: User, { id }: Photo, expected: number): Promise<void> {
  const told = { did: 'Bob opened the feed', why: 'The feed and the photo must not tell different numbers.' };
  const answer = await viewer.feed();
  const shown = feedIn(answer, told).photos.find((photo) => photo.id === id);
  requireThat(shown?.likes === expected, { ...told, saw: `${answer.call} → ${shown ? `${counted(shown.likes)} on the photo` : 'not the photo'}`, expected: `${counted(expected)} on the photo`, machine: answer.machine });
}

/** @param ofOthers how many of them came before the one who is judged */
async function hasLikes(viewer: User, { id }: Photo, expected: number, told: { did: string; why: string }, ofOthers?: number): Promise<void> {
  const answer = await viewer.photo(id);
  const { likes } = photoIn(answer, 200, told);
  const share = ofOthers !== undefined && likes > ofOthers ? `, ${likes - ofOthers} of them from ${viewer.name}` : '';
  requireThat(likes === expected, { ...told, saw: `${answer.call} → ${counted(likes)}${share}`, expected: counted(expected), machine: answer.machine });
}

function counted(likes: number): string {
  return `${likes} ${likes === 1 ? 'like' : 'likes'}`;
}

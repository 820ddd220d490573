import { distinct, exercise, pause, pictures, requireAnswer, requireStatus, requireThat, type Answer, type App, type User } from 'checker/check';
import { isForLong, isShort, requireForEver, requireNotKept, requirePersonal, requireShort, said } from './cache-control.ts';
import { pathAtEdges } from './edges.ts';
import { loadPage, shortly, type LoadedPage } from './page.ts';
import { changeOneFile, changePage, versionOf } from './publishing.ts';
import { uploaded } from './uploading.ts';

/** Who says what may be cached, and who passes it on. */
const tellers = ['storage', 'edge-us'] as const;

export default exercise(async ({ start }) => {
  const app = await start();
  const ada = await app.member('ada');
  await imagesForAYear(app, ada);
  await personalAnswers(ada);
  await errorsAreNotKept(app);
  const first = await pageForSeconds(app);
  await namedByItsContent(app, first);
  await oneFileIsEnough(app, 'style', /\.css$/);
  await oneFileIsEnough(app, 'script', /\.m?js$/);
});

async function imagesForAYear(app: App, ada: User): Promise<void> {
  const pictureOf = (mark: string): typeof pictures.png => distinct(pictures.png, mark);
  const paths = [];
  for (const mark of ['one', 'two']) paths.push(pathAtEdges(app, await uploaded(ada, pictureOf(mark), `Number ${mark}`), 'Ada posted a photo'));
  const [one = '', two = ''] = paths;
  requireThat(one !== two, { did: 'Ada posted two different photos', saw: `${one} for both`, expected: 'two addresses', why: 'What may be kept for a year has to be found under another address when it is something else.' });
  for (const machine of tellers) requireForEver(await at(app, machine, one), `Ada posted a photo, and somebody asked ${machine} for its image`);
}

async function personalAnswers(ada: User): Promise<void> {
  const photo = await uploaded(ada, distinct(pictures.gif, 'personal'), 'Personal');
  for (const [did, answer] of [
    ['Ada asked who she is', await ada.me()],
    ['Ada opened the feed, with her token', await ada.feed()],
    ['Ada looked at a photo, with her token', await ada.photo(photo.id)],
  ] as const) {
    requireStatus(answer, 200, { did, why: 'She is logged in.' });
    requirePersonal(answer, did);
  }
}

async function errorsAreNotKept(app: App): Promise<void> {
  const why = 'What is not there is said in a way that programs understand.';
  const asked: (readonly [did: string, answer: Answer, status: readonly number[]])[] = [
    ['Somebody asked who they are, without a token', await app.visitor().me(), [401]],
    ['Somebody asked the API for a photo that is not there', await app.visitor().photo('999999999'), [404]],
  ];
  for (const machine of tellers) {
    for (const path of ['/images/00000000-0000-4000-8000-000000000000.png', '/images/no-image', '/nothing.js', '/v/0000/app.js']) {
      const answer = await at(app, machine, path);
      // Some give the page for every address that is none.
      if (!answer.ok || path.startsWith('/images/')) asked.push([`Somebody asked ${machine} for ${path}, which is not there`, answer, [404, 400, 403, 410]]);
    }
  }
  for (const [did, answer, status] of asked) {
    requireStatus(answer, status, { did, why });
    requireNotKept(answer, did);
  }
}

/** @returns the page at storage. */
async function pageForSeconds(app: App): Promise<LoadedPage> {
  const page = await pageAt(app, 'storage');
  for (const machine of tellers) {
    requireShort(await at(app, machine, '/'), `Somebody opened the page at ${machine}`);
    requireShort(await at(app, machine, '/config.json'), `Somebody asked ${machine} for /config.json`);
  }
  requireThat(page.parts.size > 0, { did: 'Somebody opened the page at storage', saw: 'a page that names no script and no style', expected: 'those of client/', why: 'Without its script the page shows nothing.', machine: 'storage' });
  for (const [address, answer] of page.parts) {
    const did = `Somebody opened the page at storage, and loaded ${shortly(address)}, which it names`;
    requireAnswer(answer, { did, why: 'A page without its scripts shows nothing.' });
    requireThat(answer.ok && (isForLong(answer) || isShort(answer)), {
      did,
      saw: said(answer),
      expected: 'public, max-age=31536000 (at least 30 days) at an address that changes with the version of the page; or as short as the page, with stale-if-error=86400',
      why: 'A script that is kept for long at an address that stays is the wrong one from the next publish on. One that may not be kept at all is loaded from far away each time.',
      machine: answer.machine,
    });
  }
  return page;
}

/** The page is published, then storage becomes another machine with the first files again: what is said of the page follows its content alone. */
async function namedByItsContent(app: App, first: LoadedPage): Promise<void> {
  const tag = tagOf(first.document, 'Somebody opened the page at storage');
  await requireUnchanged(app, tag, 'Somebody opened the page at storage, and asked for it again with If-None-Match');
  await changePage(app, 'second');
  await app.machine('storage').restart();
  const did = 'A new page was published: files in client/ changed, and storage was restarted';
  const second = await pageAt(app, 'storage');
  const newTag = tagOf(second.document, did);
  requireThat(weak(newTag) !== weak(tag), { did, saw: `ETag: ${newTag}, as before`, expected: 'another one', why: 'Who has the old page asks whether it is still right. With the same ETag it is kept for ever.', machine: 'storage' });
  requireOwnAddresses(first, second, did);
  // Copies of files have times of their own, and a second between them shows in any of them.
  await pause(Math.max(0, 1_050 - (performance.now() - first.document.endedAt)));
  await app.machine('storage').replace();
  await app.untilReady({ machine: 'storage', did: 'storage was replaced by a new machine' });
  await requireUnchanged(app, tag, 'storage was replaced by a new machine with the same page, and somebody who had it asked again with If-None-Match');
}

/** @throws Failure when something that may be kept for long has become something else where it was. */
function requireOwnAddresses(before: LoadedPage, now: LoadedPage, did: string): void {
  for (const [address, answer] of now.parts) {
    const old = before.parts.get(address);
    requireThat(!old || !isForLong(old) || old.body.equals(answer.body), {
      did,
      saw: `${shortly(address)} has another content now, and was "${old?.headers['cache-control'] ?? ''}"`,
      expected: 'another address, or not for so long',
      why: 'Browsers and edges were told that it never changes, and will not ask for a year.',
      machine: 'storage',
    });
  }
}

/** The one that is farthest from the document, which itself stays as it is. */
async function oneFileIsEnough(app: App, kind: string, ending: RegExp): Promise<void> {
  const before = await pageAt(app, 'storage');
  const version = `another-${kind}`;
  const served = [...before.parts].filter(([address]) => ending.test(new URL(address).pathname)).map(([, { body }]) => body.toString('utf8'));
  if (!(await changeOneFile(app, version, ending, served.reverse()))) return;
  await app.machine('storage').restart();
  const did = `A new page was published: one ${kind} in client/ changed, and storage was restarted`;
  const now = await pageAt(app, 'storage');
  requireOwnAddresses(before, now, did);
  requireThat([...now.parts.values()].some(({ body }) => versionOf(body.toString('utf8')) === version), {
    did,
    saw: `what the page names: ${[...now.parts.keys()].map(shortly).join(', ')}; none of it has what is new`,
    expected: `the new ${kind}`,
    why: 'What was published is to be seen, and most of the time it is one file.',
    machine: 'storage',
  });
}

async function requireUnchanged(app: App, tag: string, did: string): Promise<void> {
  const why = 'The same page has the same ETag, whichever machine it comes from and whenever that was started. Otherwise everybody loads again what they have.';
  const plain = await at(app, 'storage', '/');
  requireStatus(plain, 200, { did, why });
  requireThat(weak(plain.headers['etag'] ?? '') === weak(tag), { did, saw: `ETag: ${plain.headers['etag'] ?? 'none'}, and before ${tag}`, expected: 'the same', why, machine: 'storage' });
  const conditional = await app.visitor('visitor', 'storage').client.send({ url: '/', headers: { 'if-none-match': tag } });
  requireStatus(conditional, 304, { did, expected: '304, without a body', why });
}

function tagOf(answer: Answer, did: string): string {
  const tag = answer.headers['etag'] ?? '';
  requireThat(/^(W\/)?".*"$/.test(tag), { did, saw: tag === '' ? 'no ETag' : `ETag: ${tag}`, expected: 'an ETag, made of the content', why: 'With it, asking whether a page has changed costs a few bytes.', machine: answer.machine });
  return tag;
}

/** If-None-Match compares without a look at how strong a tag is: RFC 9110 section 13.1.2. */
function weak(tag: string): string {
  return tag.replace(/^W\//, '');
}

async function pageAt(app: App, machine: string): Promise<LoadedPage> {
  const page = await loadPage(app.visitor('visitor', machine), app.stack.publicUrl(machine));
  requireStatus(page.document, 200, { did: `Somebody opened the page at ${machine}`, why: 'The page is one of the files of storage now.' });
  return page;
}

function at(app: App, machine: string, path: string): Promise<Answer> {
  return app.visitor('visitor', machine).client.send({ url: path });
}

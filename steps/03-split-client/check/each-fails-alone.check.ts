import {
  clip,
  exercise,
  mostWithin,
  pause,
  photoIn,
  pictures,
  requireStatus,
  requireThat,
  sentences,
  TimeoutError,
  until,
  type App,
  type Browser,
  type OpenPage,
  type User,
} from 'checker/check';

const boundMs = 5_000;
/** What a slow computer may add. */
const toleranceMs = 1_000;
const perSecond = 2;
/** Long enough for a storm to show. */
const windowMs = 2_500;
/** A stretch of time may begin just before one request and end just after another. */
const allowance = 2;

export default exercise(async ({ start, openBrowser, timed }) => {
  const app = await start();
  const ada = await app.member('ada');
  // Of somebody who has the page open, and of somebody who opens it only while the API is away.
  const [early, late] = await Promise.all([openBrowser(app), openBrowser(app), thePhoneWorksWithoutThePage(app, ada)]);
  const before = photoIn(await ada.uploads(pictures.png, { caption: 'Before the storm' }), 201, { did: 'Ada posted a photo', why: 'There has to be something to look at.' });

  await timed(async () => {
    const page = await early.opens('web');
    await waitFor(() => page.shows(before), {
      did: 'Somebody opened the page, and everything was well',
      saw: () => seen(page),
      expected: 'the photo that Ada posted',
      why: 'A page that shows no photos has nothing that it could keep.',
    });
    const calm = await page.status();

    await app.machine('api').kill();
    const did = 'api was killed while a page was open';
    const killedAt = performance.now();
    const newcomer = await late.opens('web', { did: 'api was killed, and somebody opened the page' });
    await Promise.all([
      itSaysSo(page, { did, calm, why: 'Whoever looks at old photos has to know that they are old, and that nothing which they press will work.' }),
      itSaysSo(newcomer, { did: 'api was killed, and somebody opened the page', calm: '', why: 'A blank page tells nobody whether it is broken, slow or not for them.' }),
    ]);
    // Not a wait for something, but the time that is looked at.
    await pause(windowMs);
    for (const browser of [early, late]) itIsPatient(browser, killedAt, did);
    await itKeepsThePhoto(page, before.caption, did);

    // In a moment between two messages there may be none, and none is also what a page says that is well.
    const away = new Set([await page.status(), await newcomer.status()].map(withoutNumbers).filter(Boolean));
    await itRecovers(app, ada, [page, newcomer], away);
  });
});

async function thePhoneWorksWithoutThePage(app: App, ada: User): Promise<void> {
  const did = 'client was killed';
  await app.machine('client').kill();
  const why = 'The phone needs nothing of the page. What it asks must not go through the machine that serves it.';
  const photo = photoIn(await ada.uploads(pictures.png, { caption: 'By phone' }), 201, { did: `${did}, and Ada posted a photo from her phone`, why });
  requireStatus(await ada.feed(), 200, { did: `${did}, and Ada's phone asked for the feed`, why });
  requireStatus(await ada.likes(photo.id), 200, { did: `${did}, and Ada liked a photo from her phone`, why });
  await app.machine('client').start();
}

async function itSaysSo(page: OpenPage, { did, calm, why }: { did: string; calm: string | undefined; why: string }): Promise<void> {
  await waitFor(
    async () => {
      const status = await page.status();
      return status !== undefined && status !== '' && status !== calm;
    },
    { did, saw: () => seen(page), expected: `visible text in what has role="status", within ${boundMs / 1000} s`, why },
  );
}

async function itKeepsThePhoto(page: OpenPage, caption: string, did: string): Promise<void> {
  requireThat((await page.text())?.includes(caption) ?? false, {
    did,
    saw: `the photo is gone from the page; ${await seen(page)}`,
    expected: 'the photos that it showed before',
    why: 'What people have in front of them is not less true because the API is away.',
    machine: 'client',
  });
}

function itIsPatient(browser: Browser, since: number, did: string): void {
  const asked = browser.requests('api').filter(({ at }) => at > since);
  const most = mostWithin(asked, windowMs);
  const calls = [...new Set(asked.map(({ method, url }) => `${method} ${new URL(url).pathname}`))].join(', ');
  requireThat(most <= (perSecond * windowMs) / 1000 + allowance, {
    did,
    saw: `${most} requests to the API within ${windowMs / 1000} s, by one page: ${calls}`,
    expected: `no more than ${perSecond} requests a second while the API is away`,
    why: 'Every open page does the same at the same moment. An API that comes back into a storm goes down again.',
    machine: 'client',
  });
}

async function itRecovers(app: App, ada: User, pages: readonly OpenPage[], away: ReadonlySet<string>): Promise<void> {
  const did = 'api was away for a while and is back, and Ada posted a photo from her phone';
  await app.machine('api').start();
  await app.untilReady({ timeoutMs: boundMs, did: 'api was killed, and started again' });
  // What is kept in the memory of a machine, as sessions may be, is gone with it.
  requireStatus(await ada.logsIn(), [200, 201], { did: 'api was killed and started again, and Ada logged in', why: 'Accounts are in the database, and last.' });
  const photo = photoIn(await ada.uploads(pictures.png, { caption: 'After the storm' }), 201, { did, why: 'The API is back, for everybody.' });
  for (const page of pages) {
    await waitFor(() => page.shows(photo), {
      did,
      saw: () => seen(page),
      expected: `the new photo on a page that was open all the time, within ${boundMs / 1000} s and without a reload`,
      why: 'People do not know that they would have to reload. The page knows.',
    });
    await waitFor(async () => !away.has(withoutNumbers(await page.status())), {
      did,
      saw: async () => `the page shows the new photo, and still says: ${(await page.status()) ?? 'nothing'}`,
      expected: 'a role="status" that does not say so any more',
      why: 'A message that stays when its reason is gone is read as a new trouble.',
    });
  }
}

/** @throws Failure "too slow" when it does not come true within the bound */
async function waitFor(
  isSo: () => Promise<boolean>,
  { did, saw, expected, why }: { did: string; saw: () => Promise<string>; expected: string; why: string },
): Promise<void> {
  try {
    await until(expected, isSo, { timeoutMs: boundMs + toleranceMs, everyMs: 50 });
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    requireThat(false, { kind: 'too slow', did, saw: await saw(), expected, why, machine: 'client' });
  }
}

/** What somebody has in front of them, and what the console says of it. */
async function seen(page: OpenPage): Promise<string> {
  const [text, status] = [await page.text(), await page.status()];
  if (text === undefined || status === undefined) return 'a page that does not respond';
  return sentences(
    text.trim() === '' ? 'a blank page' : `a page with the text: ${clip(text)}`,
    status === '' ? 'nothing in role="status"' : `in role="status": ${clip(status)}`,
    page.errors.length > 0 ? `an error that nobody handled: ${page.errors.at(-1)}` : undefined,
  );
}

/** "Again in 3 s" and "Again in 2 s" say the same. */
function withoutNumbers(status: string | undefined): string {
  return (status ?? '').replaceAll(/\d+/g, '#');
}

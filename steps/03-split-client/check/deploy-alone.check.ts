import { clip, exercise, msOf, photoIn, pictures, requireStatus, requireThat, timelineOf, together, type Answer, type App, type CrowdRequest, type User } from 'checker/check';

/** How long the new page takes to arrive. */
const deployMs = 1_500;
/** Long enough for any answer on a slow computer, and shorter than the deploy. */
const longestMs = 1_000;
const graceMs = 10_000;

export default exercise(async ({ start, timed }) => {
  const app = await start();
  await timed(() => deployedUnderLoad(app));
});

async function deployedUnderLoad(app: App): Promise<void> {
  const ada = await app.member('ada');
  const photo = photoIn(await ada.uploads(pictures.png), 201, { did: 'Ada posted a photo', why: 'There has to be something to look at.' });
  const { apiUrl, origin } = await opened(app);
  const did = `client was deployed (SIGTERM, then a start) while phones called the API, and pages called it at ${apiUrl}, as they were told`;
  // Pages that are open already: they know where the API is, and ask client for nothing more.
  const asPage = (who: User): Promise<Answer> => who.client.send({ url: new URL('/api/photos', apiUrl).href, headers: { origin } });
  const before = await asPage(ada);
  requireStatus(before, 200, { did: `A page called the API at the address that it was told, ${apiUrl}`, why: 'What works before the deploy has to work meanwhile.' });
  const permitted = permissionOf(before);
  let unreadable: Answer | undefined;
  const pages = app.crowd({
    perSecond: 40,
    people: [ada],
    does: async (who) => {
      const answer = await asPage(who);
      if (answer.ok && permissionOf(answer) !== permitted) unreadable ??= answer;
      return answer;
    },
  });
  const phones = app.crowd({ perSecond: 20, people: [ada], does: (who) => who.likes(photo.id) });
  await pages.for(500);
  pages.mark('client is deployed');
  const killed = await app.machine('client').stop(graceMs);
  await pages.for(deployMs);
  await app.machine('client').start();
  pages.mark('client is back');
  await pages.for(500);
  const records = await Promise.all([pages.leaves(), phones.leaves()]);
  const timeline = timelineOf(records, { machines: ['api'] });
  const requests = together(...records).requests;

  const failed = requests.filter(({ status }) => status !== 200);
  requireThat(failed.length === 0, {
    kind: 'requests failed',
    did,
    saw: `${failed.length} of ${requests.length} requests to the API failed; the first: ${failed[0]?.saw ?? ''}`,
    expected: 'an API that does not notice',
    why: 'Page and API are two machines so that one can change without the other. What goes through client, or asks client for something, stops with it.',
    machine: failed[0]?.machine ?? 'api',
    timeline,
  });
  requireThat(unreadable === undefined, {
    did,
    saw: `${unreadable?.call} → ${unreadable?.status}, access-control-allow-origin: ${clip(permissionOf(unreadable) ?? 'nothing')}`,
    expected: `access-control-allow-origin: ${permitted}, as before`,
    why: 'Pages that were open before the deploy are still there, and still of that origin. Who they are cannot depend on client at that moment.',
    machine: 'api',
    timeline,
  });
  const slowest = requests.toSorted((one, other) => msOf(other) - msOf(one))[0] as CrowdRequest;
  requireThat(msOf(slowest) <= longestMs, {
    kind: 'too slow',
    did,
    saw: `${slowest.call} took ${(msOf(slowest) / 1_000).toFixed(1)} s`,
    expected: `no request that takes over ${longestMs / 1_000} s`,
    why: 'A request that waits for the deploy of the page needs the page. The API should not.',
    machine: 'api',
    timeline,
  });
  requireThat(killed.length === 0, {
    kind: 'did not survive',
    did: 'client got SIGTERM',
    saw: `its program still ran after ${graceMs / 1_000} s, and had to be killed`,
    expected: 'a program that ends by itself',
    why: 'A deploy waits for so long and no longer.',
    machine: 'client',
  });
  requireStatus(await app.visitor('visitor', 'client').opens('/'), 200, { did: `${did}, and somebody opened the page`, why: 'The new page has to be there.' });
}

/** Which origin may read an answer. */
function permissionOf(answer: Answer | undefined): string | undefined {
  return answer?.headers['access-control-allow-origin'];
}

/** What a page that is opened now knows of the API. */
async function opened(app: App): Promise<{ apiUrl: string; origin: string }> {
  const page = app.visitor('visitor', 'client');
  const configuration = await page.client.send({ url: '/config.json' });
  requireStatus(configuration, 200, { did: 'The page asked for /config.json', why: 'It learns there where the API is.' });
  const { apiUrl } = (configuration.json ?? {}) as { apiUrl?: unknown };
  return { apiUrl: typeof apiUrl === 'string' && URL.canParse('/api/photos', apiUrl) ? apiUrl : app.stack.entrance('api').url, origin: app.stack.entrance('web').url };
}

import { exercise, msOf, photoIn, pictures, requireStatus, requireThat, timelineOf, together, type App, type CrowdRequest } from 'checker/check';

/** Long enough for any answer on a slow computer, and shorter than the start of a program. */
const longestMs = 1_000;

export default exercise(async ({ start, timed }) => {
  const app = await start();
  await timed(() => deployedUnderLoad(app));
});

async function deployedUnderLoad(app: App): Promise<void> {
  const did = 'client was deployed (SIGTERM, then a start) while pages and phones called the API';
  const ada = await app.member('ada');
  const photo = photoIn(await ada.uploads(pictures.png), 201, { did: 'Ada posted a photo', why: 'There has to be something to look at.' });
  const { apiUrl, origin } = await opened(app);
  // Pages that are open already: they know where the API is, and ask client for nothing more.
  const pages = app.crowd({ perSecond: 40, people: [ada], does: (who) => who.client.send({ url: `${apiUrl}/api/photos`, headers: { origin } }) });
  const phones = app.crowd({ perSecond: 20, people: [ada], does: (who) => who.likes(photo.id) });
  await pages.for(500);
  pages.mark('client restarted');
  const killed = await app.machine('client').restart();
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
    saw: 'its program still ran after 10 s, and had to be killed',
    expected: 'a program that ends by itself',
    why: 'A deploy waits for so long and no longer.',
    machine: 'client',
  });
  requireStatus(await app.visitor('visitor', 'client').opens('/'), 200, { did: `${did}, and somebody opened the page`, why: 'The new page has to be there.' });
}

/** What a page that is opened now knows of the API. */
async function opened(app: App): Promise<{ apiUrl: string; origin: string }> {
  const page = app.visitor('visitor', 'client');
  const configuration = await page.client.send({ url: '/config.json' });
  requireStatus(configuration, 200, { did: 'The page asked for /config.json', why: 'It learns there where the API is.' });
  const { apiUrl } = (configuration.json ?? {}) as { apiUrl?: unknown };
  return { apiUrl: typeof apiUrl === 'string' ? apiUrl : app.stack.entrance('api').url, origin: app.stack.entrance('web').url };
}

import { clip, exercise, requireStatus, requireThat, sentences, until, type Answer, type App, type Browser, type OpenPage } from 'checker/check';

const patienceMs = 5_000;
const configuration = '/config.json';

interface Start {
  app: App;
  /** What a browser loaded from client, by path. */
  files: Map<string, Answer>;
}

export default exercise(async ({ start, openBrowser }) => {
  // Side by side, so that no address can be the same.
  const [one, other] = [await start(), await start()];
  const starts: Start[] = [];
  for (const app of [one, other]) starts.push({ app, files: await opensThePage(app, await openBrowser(app)) });
  theFilesAreTheSame(starts);
});

/** Opens the page of a start in a browser, until it calls the API. Whether it may read the answer is another matter: that is 3.3. */
async function opensThePage(app: App, browser: Browser): Promise<Map<string, Answer>> {
  const { did } = await configured(app);
  const page = await browser.opens('web', { did: `${did}; somebody opened the page in a browser` });
  await untilItCalls(page, browser, did);

  // A browser asks for the picture of a tab by itself.
  const paths = new Set(browser.requests('web').map(({ url }) => new URL(url)).filter(({ pathname }) => pathname !== '/favicon.ico').map(({ pathname, search }) => pathname + search));
  const visitor = app.visitor('visitor', app.stack.entranceMachine('web'));
  const files = new Map<string, Answer>();
  for (const path of paths) files.set(path, await visitor.client.send({ url: path }));
  return files;
}

async function configured(app: App): Promise<{ apiUrl: string; did: string }> {
  const { url: apiUrl } = app.stack.entrance('api');
  const did = `The step was started with its API at ${apiUrl}`;
  const answer = await app.visitor('visitor', app.stack.entranceMachine('web')).client.send({ url: configuration });
  requireStatus(answer, 200, { did, expected: `GET ${configuration} → 200 at the entrance web`, why: 'The page has to be told where the API is.' });
  const told = (answer.json ?? {}) as { apiUrl?: unknown };
  requireThat(typeof told.apiUrl === 'string' && URL.canParse(told.apiUrl) && new URL(told.apiUrl).origin === apiUrl, {
    did,
    saw: `GET ${configuration} → ${clip(answer.body.toString('utf8'))}`,
    expected: `{"apiUrl":"${apiUrl}"}`,
    why: 'The address differs from place to place. What tells it must be right in each.',
    machine: answer.machine ?? 'client',
  });
  return { apiUrl, did };
}

async function untilItCalls(page: OpenPage, browser: Browser, did: string): Promise<void> {
  const hasCalled = (): boolean => browser.requests('api').some(({ url }) => new URL(url).pathname.startsWith('/api/'));
  await until('the page to call somebody', () => hasCalled() || browser.requestsElsewhere().length > 0, { timeoutMs: patienceMs, everyMs: 20 }).catch(() => undefined);
  const called = hasCalled();
  const [elsewhere] = browser.requestsElsewhere();
  const lost = browser.requests('web').find(({ url, status = 0 }) => status >= 400 && new URL(url).pathname !== '/favicon.ico');
  if (called && !elsewhere) return;
  const wrong = elsewhere ?? lost;
  requireThat(false, {
    kind: wrong ? 'wrong answer' : 'too slow',
    did: `${did}; somebody opened the page in a browser`,
    saw: sentences(
      wrong && `the page asked for ${wrong.method} ${wrong.url}`,
      called ? undefined : `no call of the API${elsewhere ? '' : ` within ${patienceMs / 1_000} s`}, by a page with the text: ${clip((await page.text()) ?? '') || 'none'}`,
      page.errors[0] && `an error that nobody handled: ${page.errors[0]}`,
    ),
    expected: `calls of the API at the address in ${configuration}, and of nobody else`,
    why: 'A page that finds its API at one address only has to be made anew for each place.',
    machine: 'client',
  });
}

function theFilesAreTheSame([one, other]: Start[]): void {
  if (!one || !other) return;
  const did = `The step was started twice, with its API at ${one.app.stack.entrance('api').url} and at ${other.app.stack.entrance('api').url}, and a browser loaded the page of each`;
  const why = 'Files that are the same everywhere are built once, tested once and can be kept by caches. What differs is configuration.';
  for (const path of new Set([...one.files.keys(), ...other.files.keys()])) {
    const [first, second] = [one.files.get(path), other.files.get(path)];
    requireThat(first !== undefined && second !== undefined, {
      did,
      saw: `${path} was loaded at ${first ? 'the first' : 'the second'} address only`,
      expected: 'the same files at both',
      why,
      machine: 'client',
    });
    requireStatus(first, 200, { did, why: 'What a page asks for has to be there.' });
    if (path.split('?')[0] === configuration) continue;
    requireThat(first.body.equals(second.body), {
      did,
      saw: `${path} differs: ${difference(first.body.toString('utf8'), second.body.toString('utf8'))}`,
      expected: `the same bytes at both; only ${configuration} may differ`,
      why,
      machine: 'client',
    });
  }
  requireThat(one.files.has(configuration), {
    did,
    saw: `files, but no ${configuration}: ${[...one.files.keys()].join(', ')}`,
    expected: `a page that asks for ${configuration}`,
    why: 'What is filled into a file on its way out makes another file of it.',
    machine: 'client',
  });
}

/** The first line that differs, as it is in each. */
function difference(one: string, other: string): string {
  const [lines, others] = [one.split('\n'), other.split('\n')];
  const at = lines.findIndex((line, index) => line !== others[index]);
  return at === -1 ? `${one.length} and ${other.length} characters` : `line ${at + 1} is ${clip(lines[at] ?? '', 80)} in one and ${clip(others[at] ?? 'missing', 80)} in the other`;
}

// A phone: a second client of the same API, with no page and no cookies. It is given, and knows the API's contract and nothing
// else, so it works with whatever answers that contract.
//
//   npm run phone -- sign-up ada
//   npm run phone -- feed

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Command, CommanderError } from 'commander';
import { Api, Trouble, type Photo } from './api.ts';
import { apiAddress, passwordOf, positions, tokens } from './pocket.ts';
import { posts } from './post.ts';

interface Page {
  photos: Photo[];
  next?: string | null;
}

const phone = new Command('npm run phone --')
  .description('Graminsta on a phone: talks to the API that npm run up started.')
  .option('--api <address>', 'where the API is; otherwise where npm run up says')
  .exitOverride()
  .showHelpAfterError();

/** The API that is meant, with the token and the position that this phone has for it. */
async function api(): Promise<Api> {
  const address = await meantAddress();
  const [token, position] = await Promise.all([tokens.of(address), positions.of(address)]);
  return new Api(address, { token, position, keepPosition: (latest) => positions.keep(address, latest) });
}

function meantAddress(): Promise<string> {
  return apiAddress(phone.opts<{ api?: string }>().api);
}

function tell({ id, username, caption, likes, imageUrl }: Photo): void {
  console.log(`${id.padStart(5)}  ${username}: ${printable(caption) || '(no caption)'}  ♥ ${likes}\n       ${imageUrl}`);
}

/** A caption is somebody else's text: what a terminal would obey is left out. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}

async function begin(call: string, username: string, password: string | undefined): Promise<void> {
  // With no token: whoever logs in has none, or one that does not count any more.
  const address = await meantAddress();
  await positions.forget(address);
  const { send } = new Api(address, { keepPosition: (latest) => positions.keep(address, latest) });
  const { token } = await send<{ token?: string }>('POST', call, { username, password: await passwordOf(password) });
  if (!token) throw new Trouble(`The API let ${username} in and gave no token. A phone has nothing else to show next time: see exercise 3.4.`);
  await tokens.keep(address, token);
  console.log(`${username} is logged in.`);
}

for (const [name, call, what] of [['sign-up', '/api/users', 'makes an account, and logs in'], ['log-in', '/api/sessions', 'logs in']] as const) {
  phone
    .command(`${name} <username>`)
    .description(what)
    .option('--password <password>', 'instead of asking for it; or in GRAMINSTA_PASSWORD')
    .action((username: string, { password }: { password?: string }) => begin(call, username, password));
}

phone.command('log-out').description('ends the session of this phone').action(async () => {
  const { address, send } = await api();
  await send('DELETE', '/api/sessions');
  await Promise.all([tokens.forget(address), positions.forget(address)]);
  console.log('Logged out.');
});

phone.command('me').description('who is logged in').action(async () => {
  const { send } = await api();
  console.log((await send<{ user: { username: string } }>('GET', '/api/me')).user.username);
});

phone
  .command('feed')
  .description('the newest photos')
  .option('--before <cursor>', 'the page that follows')
  .action(async ({ before }: { before?: string }) => {
    const { send } = await api();
    const { photos, next } = await send<Page>('GET', `/api/photos${before === undefined ? '' : `?before=${encodeURIComponent(before)}`}`);
    if (photos.length === 0) console.log('No photos yet.');
    for (const photo of photos) tell(photo);
    if (next) console.log(`\nOlder ones: npm run phone -- feed --before ${next}`);
  });

phone.command('upload <file> [caption]').description('posts a photo').action(async (file: string, caption?: string) => {
  // npm runs a script in the folder of its package; a file is meant from where the command was typed.
  const bytes = await readFile(path.resolve(process.env['INIT_CWD'] ?? '.', file)).catch(() => {
    throw new Trouble(`${file} cannot be read. Is that its name?`);
  });
  tell(await posts(await api(), { name: path.basename(file), bytes: new Uint8Array(bytes) }, caption ?? ''));
});

for (const [name, method, what] of [['like', 'PUT', 'likes a photo'], ['unlike', 'DELETE', 'takes a like back']] as const) {
  phone.command(`${name} <id>`).description(what).action(async (id: string) => {
    const { send } = await api();
    const { likes } = await send<{ likes: number }>(method, `/api/photos/${encodeURIComponent(id)}/like`);
    console.log(`♥ ${likes}`);
  });
}

phone.command('delete <id>').description('deletes a photo of yours').action(async (id: string) => {
  const { send } = await api();
  await send('DELETE', `/api/photos/${encodeURIComponent(id)}`);
  console.log('Deleted.');
});

try {
  await phone.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 64;
  else if (error instanceof Trouble) {
    console.error(error.message);
    process.exitCode = 1;
  } else throw error;
}

// Names that could lead to other files, or that a file system does not take.

import { pictures, requireStatus, requireThat, type App, type User } from 'checker/check';
import { sized } from './permissions.ts';
import { rawAnswer } from './raw-request.ts';
import { allowed, uploaded } from './uploading.ts';

const size = 5_000;
const names = ['../odd.png', '..%2f..%2fodd.png', '%2e%2e%2fodd.png', '%2e%2e/%2e%2e/odd.png', '%2e%2e', 'odd%00.png', '%00', '%E0%A4%A', `${'k'.repeat(10_240)}.png`];
/** From where an app would keep its images, to what else is on its machine. */
const ways = ['..%2f..%2ffiles%2fpackage.json', '..%2f..%2f..%2ffiles%2fpackage.json', '../../files/package.json', '%2e%2e/%2e%2e/files/package.json'];

/** They come with a signature that is real, for another name. */
export async function oddKeys(app: App, ada: User): Promise<void> {
  const picture = sized(pictures.png, 'under an odd name', size);
  const { url, headers } = await allowed(ada, picture);
  const { pathname, search } = new URL(url);
  const folder = pathname.slice(0, pathname.lastIndexOf('/') + 1);
  const port = app.stack.wireOfPeople('storage').port;
  for (const name of names) {
    const shown = name.length > 40 ? 'a name of 10 KB' : name;
    for (const [method, path, body] of [['PUT', `${folder}${name}${search}`, picture.bytes], ['GET', `${folder}${name}`, undefined]] as const) {
      const answer = await rawAnswer({ port, method, path, ...(body && { headers: { ...headers }, body }) });
      // To read, some give the page for every address that is none.
      requireThat(answer.status >= (method === 'PUT' ? 400 : 200) && answer.status < 500, {
        kind: answer.status === 0 ? 'no answer' : 'wrong answer',
        did: `Somebody sent ${method} ${folder}${shown} to storage`,
        saw: answer.status === 0 ? 'no answer' : `${answer.status}`,
        expected: 'a status from 400 to 499',
        why: 'A key is a name, and not a way to other files. What storage does not understand is the mistake of whoever sent it.',
        machine: 'storage',
      });
    }
  }
  for (const path of ways) {
    const answer = await rawAnswer({ port, method: 'GET', path: folder + path });
    requireThat(!answer.body.includes('"name"'), { did: `Somebody asked storage for ${folder}${path}`, saw: "a file of the machine's that is no image", expected: 'a status from 400 to 499', why: 'Storage shows images, and not its disk.', machine: 'storage' });
  }
  requireStatus(await app.visitor('visitor', 'storage').client.send({ url: '/livez' }), 200, { did: 'Somebody sent odd names to storage, and asked for /livez', why: 'It has to survive everything that it is asked.' });
  await uploaded(ada, sized(pictures.png, 'after odd names', size), 'After odd names');
}

// What a run made with Docker goes when the run goes, found by its label: also what was made in the very moment of its end.

import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { askDocker, dockerEndpoint } from './docker-api.ts';

/** In a run directory: where the Docker is that has containers of this run. Without it there are none, and nobody is asked. */
const noteOf = (folder: string): string => path.join(folder, 'docker');

/** To be called before the first container, network or volume of a run is made. */
export async function noteDocker(folder: string): Promise<void> {
  if (!existsSync(noteOf(folder))) await writeFile(noteOf(folder), await dockerEndpoint());
}

const maxLooks = 20;
const timeoutMs = 30_000;

/**
 * Removes the containers, networks and volumes of a run, if it has noted that there may be some.
 * @param run as in the label `graminsta.run`
 */
export async function removeContainersOf({ id, folder }: { id: string; folder: string }): Promise<void> {
  if (!existsSync(noteOf(folder))) return;
  const at = await readFile(noteOf(folder), 'utf8');
  const filters = JSON.stringify({ label: [`graminsta.run=${id}`] });
  // What Docker was told to make it makes, whether or not whoever told it is still there. So it is looked twice at least.
  for (let look = 0, quiet = 0; look < maxLooks && quiet < 2; look += 1) {
    const found = await removeFound(at, filters);
    quiet = found === 0 ? quiet + 1 : 0;
    if (quiet < 2) await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** In this order: a network or a volume that a container uses cannot go. */
async function removeFound(at: string, filters: string): Promise<number> {
  const list = async <Found>(what: string, query = {}): Promise<Found> => askDocker<Found>({ method: 'GET', path: what, query: { filters, ...query }, timeoutMs }, at);
  const remove = async (what: string, query = {}): Promise<void> => {
    // That somebody else removes it meanwhile is no mistake; what stays is seen at the next look.
    await askDocker({ method: 'DELETE', path: what, query, timeoutMs }, at).catch(() => undefined);
  };
  try {
    const containers = await list<{ Id: string }[]>('/containers/json', { all: 'true' });
    await Promise.all(containers.map(({ Id: id }) => remove(`/containers/${id}`, { force: 'true', v: 'true' })));
    const [networks, volumes] = await Promise.all([list<{ Id: string }[]>('/networks'), list<{ Volumes: { Name: string }[] | null }>('/volumes')]);
    await Promise.all([
      ...networks.map(({ Id: id }) => remove(`/networks/${id}`)),
      ...(volumes.Volumes ?? []).map(({ Name: name }) => remove(`/volumes/${name}`, { force: 'true' })),
    ]);
    return containers.length + networks.length + (volumes.Volumes ?? []).length;
  } catch {
    // Docker is gone, and its containers with it.
    return 0;
  }
}

// What may be wrong with Docker, with programs called `docker` that behave as the real one does there. Their words are copied
// from Docker 23 to 29 and Compose 2.

import { chmodSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { docker, EngineProblem, explain, lookAtEngine, requireImages, sweepLeftovers } from '../../src/runtime/containers/engine.ts';
import { images } from '../../src/runtime/containers/images.ts';
import { temporaryFolder } from './temporary.ts';

afterEach(() => vi.unstubAllEnvs());

const info = {
  ServerVersion: '28.5.2+dfsg4',
  OSType: 'linux',
  OperatingSystem: 'Debian GNU/Linux 12 (bookworm)',
  KernelVersion: '0.0.1-of-nobody',
  Name: hostname(),
  SecurityOptions: ['name=seccomp,profile=builtin'],
  ClientInfo: { Plugins: [{ Name: 'buildx', Version: 'v0.29.1' }, { Name: 'compose', Version: 'v2.40.3-desktop.1' }] },
};

/** A folder with a `docker` in it that does this; the shell's own commands only. */
function standIn(script: string, more: Record<string, string> = {}): { PATH: string } {
  const folder = temporaryFolder({ docker: `#!/bin/sh\n${script}\n`, ...more });
  chmodSync(path.join(folder, 'docker'), 0o755);
  return { PATH: folder };
}

/** One whose engine tells this of itself. */
function telling(changes: Partial<Record<keyof typeof info | 'ServerErrors', unknown>>, more: Record<string, string> = {}): { PATH: string } {
  return standIn(`if [ "$1" = info ]; then printf '%s\\n' '${JSON.stringify({ ...info, ...changes })}'; else echo unix:///var/run/docker.sock; fi`, more);
}

/** One whose every command fails with these words. */
function failing(stderr: string): { PATH: string } {
  return standIn(`printf '%s\\n' '${stderr}' >&2; exit 1`);
}

async function problemOf(look: Promise<unknown>): Promise<EngineProblem> {
  const error = await look.then(() => undefined, (thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(EngineProblem);
  return error as EngineProblem;
}

describe('Docker', () => {
  test('that will do tells its versions, and that its kernel is not ours', async () => {
    expect(await lookAtEngine({ env: telling({}) })).toMatchObject({ version: '28.5.2', compose: '2.40.3', isLocal: false, isRootless: false });
  });

  test('that is newer than all that exist will do', async () => {
    expect(await lookAtEngine({ env: telling({ ServerVersion: '100.0.1', ClientInfo: { Plugins: [{ Name: 'compose', Version: '5.0' }] } }) })).toMatchObject({ version: '100.0.1', compose: '5.0' });
  });

  const unreachable = 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?';
  test.each<[string, { PATH: string; DOCKER_HOST?: string }, string, RegExp, RegExp]>([
    ['is not there', { PATH: temporaryFolder() }, 'not installed', /not installed/, /install it: https:/],
    ['is not running', failing(unreachable), 'not running', /not running at unix:\/\/\/var\/run\/docker\.sock\.$/, /start/],
    ['is not running, and its client tells of itself all the same', telling({ ServerVersion: '', ServerErrors: [unreachable] }), 'not running', /not running/, /start/],
    ['is not running, in the words of version 29', failing('failed to connect to the docker API at unix:///run/docker.sock; check if the path is correct and if the daemon is running: dial unix'), 'not running', /at unix:\/\/\/run\/docker\.sock\.$/, /start/],
    ['may not be used by us', failing('permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.24/info": dial unix /var/run/docker.sock: connect: permission denied'), 'no rights', /no rights/, /usermod -aG docker/],
    ['is too old', telling({ ServerVersion: '20.10.24+dfsg1' }), 'engine too old', /20\.10\.24, and 23\.0 or newer/, /update/],
    ['is so old that its command does not talk with it', failing('Error response from daemon: client version 1.51 is too new. Maximum supported API version is 1.40'), 'engine too old', /older than its command/, /update/],
    ['has no Compose', telling({ ClientInfo: { Plugins: [] } }), 'no Compose', /Compose is not installed/, /linux/],
    ['has only the first Compose', telling({ ClientInfo: { Plugins: null } }, { 'docker-compose': '' }), 'no Compose', /old docker-compose, version 1/, /plugin/],
    ['has an old Compose', telling({ ClientInfo: { Plugins: [{ Name: 'compose', Version: '2.23.3' }] } }), 'Compose too old', /2\.23\.3, and 2\.24 or newer/, /plugin/],
    ['is somewhere else, by DOCKER_HOST', { ...telling({}), DOCKER_HOST: 'ssh://me@far' }, 'elsewhere', /ssh:\/\/me@far/, /unset DOCKER_HOST/],
    ['is somewhere else, by its context', standIn(`if [ "$1" = context ]; then echo tcp://10.1.2.3:2376; else printf '%s\\n' '${JSON.stringify(info)}'; fi`), 'elsewhere', /tcp:\/\/10\.1\.2\.3:2376/, /context use default/],
    ['runs the containers of Windows', telling({ OSType: 'windows' }), 'windows containers', /Windows containers/, /switch/],
    ['is Podman', standIn('echo "Emulate Docker CLI using podman. Create /etc/containers/nodocker to quiet msg." >&2; echo "{}"'), 'not Docker', /Podman/, /without either/],
  ])('that %s is one sentence and the way out', async (_, env, kind, message, remedy) => {
    const problem = await problemOf(lookAtEngine({ env }));
    expect(problem.kind).toBe(kind);
    expect(problem.message).toMatch(message);
    expect(problem.message).toMatch(/^[^\n]+\.$/);
    expect(problem.remedy).toMatch(remedy);
  });

  test('that is on this computer behind TCP is no other computer', async () => {
    for (const host of ['tcp://127.0.0.1:2375', 'tcp://localhost:2375', 'unix:///run/user/1000/docker.sock', 'npipe:////./pipe/docker_engine']) {
      expect(await lookAtEngine({ env: { ...telling({}), DOCKER_HOST: host } })).toMatchObject({ version: '28.5.2' });
    }
  });

  test('that is the one around our own container cannot mount our files, unless it is Docker Desktop', async () => {
    const around = telling({ Name: 'somebody-else' });
    expect(await lookAtEngine({ env: around, inContainer: false })).toMatchObject({ version: '28.5.2' });
    expect((await problemOf(lookAtEngine({ env: around, inContainer: true }))).message).toMatch(/outside of the container that this is/);
    expect(await lookAtEngine({ env: telling({ Name: 'docker-desktop', OperatingSystem: 'Docker Desktop' }), inContainer: true })).toMatchObject({ isLocal: false });
  });

  test('that never answers is waited for only so long', async () => {
    const problem = await problemOf(lookAtEngine({ env: standIn('[ "$1" = context ] || while :; do :; done'), timeoutMs: 300 }));
    expect(problem.kind).toBe('no answer');
    expect(problem.message).toBe('Docker did not answer "docker info" within 0.3 s.');
  });
});

describe('what Docker says', () => {
  test.each<[string, string, RegExp]>([
    ['disk full', 'write /var/lib/docker/tmp/GetImageBlob1: no space left on device', /disk .* is full/],
    ['no image', "Unable to find image 'redis:8-alpine' locally\ndocker: Error response from daemon: Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io: no such host", /image redis:8-alpine .*cannot be reached/],
    ['no image', 'Error response from daemon: failed to resolve reference "docker.io/library/postgres:18": failed to do request: Head "https://registry-1.docker.io/v2/library/postgres/manifests/18": EOF', /image postgres:18 .*cannot be reached/],
    ['no image', 'Error response from daemon: manifest for postgres:99 not found: manifest unknown: manifest unknown', /image postgres:99 .*does not have it/],
    ['no image', 'Error response from daemon: pull access denied for nosuch, repository does not exist or may require docker login', /image nosuch .*does not have it/],
    ['no image', ' a Error toomanyrequests: You have reached your pull rate limit.', /An image .*no more requests/],
    ['folder not shared', 'Error response from daemon: Mounts denied: \nThe path /opt/workshop is not shared from the host and is not known to Docker.', /folder \/opt\/workshop /],
    ['no network left', 'Error response from daemon: all predefined address pools have been fully subnetted', /no addresses left/],
    ['name taken', 'Error response from daemon: Conflict. The container name "/graminsta-04-api1" is already in use by container "c0ffee".', /called graminsta-04-api1/],
    ['no Compose', "docker: 'compose' is not a docker command.\nSee 'docker --help'", /Compose/],
    ['no Compose', "unknown shorthand flag: 'f' in -f\nSee 'docker --help'.", /Compose/],
    ['engine too old', 'can\'t set healthcheck.start_interval as feature require Docker Engine v25 or later', /takes 25 or newer/],
  ])('of "%s" is understood: %s', (kind, stderr, message) => {
    const problem = explain(stderr);
    expect(problem?.kind).toBe(kind);
    expect(problem?.message).toMatch(message);
    expect(problem?.remedy).not.toBe('');
  });

  test.each([
    'Error response from daemon: driver failed programming external connectivity on endpoint web (4027): Bind for 127.0.0.1:PORT failed: port is already allocated',
    'docker: Error response from daemon: failed to set up container networking: failed to bind host port for 127.0.0.1:PORT:172.17.0.2:22/tcp: address already in use',
    'Error starting userland proxy: listen tcp4 127.0.0.1:PORT: bind: address already in use',
    'Error response from daemon: Ports are not available: exposing port TCP 127.0.0.1:PORT -> 0.0.0.0:0: listen tcp 127.0.0.1:PORT: bind: address already in use',
  ])('of a port that is taken is told with the one who has it: %s', async (words) => {
    vi.stubEnv('PATH', `${failing('nobody').PATH}:${process.env['PATH']}`);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1' }, resolve));
    const { port } = server.address() as AddressInfo;
    const problem = explain(words.replaceAll('PORT', String(port)));
    server.close();
    expect(problem).toMatchObject({ kind: 'port taken', remedy: 'stop it' });
    expect(problem?.message).toMatch(new RegExp(`^Port ${port} of this computer is taken by .*process ${process.pid}\\)?\\.$`));
  });

  test('of a port that a container has is told with its name', () => {
    vi.stubEnv('PATH', `${standIn('echo their-web-1').PATH}:${process.env['PATH']}`);
    expect(explain('Bind for 0.0.0.0:8080 failed: port is already allocated')).toMatchObject({
      message: 'Port 8080 of this computer is taken by the container their-web-1.',
      remedy: 'docker stop their-web-1',
    });
  });

  test('and nobody knows stays as it is', async () => {
    expect(explain('Error response from daemon: something new')).toBeUndefined();
    vi.stubEnv('PATH', failing('something new').PATH);
    await expect(docker(['run', 'x'])).rejects.toThrow(/docker run x failed with 1:\nsomething new/);
  });
});

describe('an image', () => {
  test('that cannot be fetched is named, also where Docker does not name it', async () => {
    vi.stubEnv('PATH', standIn(`case $1 in images) echo ${images.postgres} ;; *) echo 'Error: Get "https://registry/v2/": no such host' >&2; exit 1 ;; esac`).PATH);
    const fetched: string[] = [];
    const problem = await problemOf(requireImages([images.postgres, images.redis], (name) => fetched.push(name)));
    expect(fetched).toEqual([images.redis]);
    expect(problem.message).toBe('The image redis:8-alpine is not on this computer and cannot be fetched: the registry cannot be reached.');
    expect(problem.remedy).toMatch(/^docker pull redis:8-alpine says more.*proxy.*docker load/);
  });
});

test("Only what belongs to runs that are gone is swept, and nothing of another computer's", async () => {
  // No system has so many processes: the largest number on Linux is 4194304.
  const gone = 4_194_304 + 1;
  const rows = [`gone\\t${gone}-c0ffee\\t`, `mine\\t${process.pid}-c0ffee\\t`, `theirs\\t${gone}-c0ffee\\tanother-computer`, 'foreign\\tcoffee\\t'];
  const folder = temporaryFolder();
  const script = `case "$1 $2" in "ps "*|"network ls"|"volume ls") printf '${rows.join('\\n')}\\n' ;; *) echo "$@" >>${folder}/removed ;; esac`;
  vi.stubEnv('PATH', standIn(script).PATH);
  expect(await sweepLeftovers()).toEqual({ containers: 1, networks: 1, volumes: 1 });
  expect(readFileSync(path.join(folder, 'removed'), 'utf8').trim().split('\n')).toEqual(['rm --force --volumes gone', 'network rm gone', 'volume rm --force gone']);
});

// What may be wrong with Docker on a computer, in one sentence each, with the way out. None of it is the learner's mistake
// or the app's: what needs Docker is then not run.

import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { MissingProgram } from '../programs.ts';
import { images } from './images.ts';

/** The oldest that will do: Compose knows `!override` and `!reset` since then. */
export const oldest = { engine: '23.0', compose: '2.24' } as const;

export type ProblemKind =
  | 'not installed'
  | 'not running'
  | 'no answer'
  | 'no rights'
  | 'engine too old'
  | 'not Docker'
  | 'no Compose'
  | 'Compose too old'
  | 'elsewhere'
  | 'windows containers'
  | 'disk full'
  | 'no image'
  | 'port taken'
  | 'folder not shared'
  | 'no network left'
  | 'name taken';

/** Like any program that is missing: nobody's mistake, and what needs Docker is not run. */
export class EngineProblem extends MissingProgram {
  override name = 'EngineProblem';
  readonly kind: ProblemKind;

  /**
   * @param message one sentence
   * @param remedy the way out: a command, or what else to do. Without a full stop
   */
  constructor(kind: ProblemKind, message: string, remedy: string) {
    super(message, remedy);
    this.kind = kind;
  }
}

const desktop = process.platform === 'darwin' || process.platform === 'win32';
const update = 'update it: https://docs.docker.com/engine/install';

export const problems = {
  notInstalled: () => new EngineProblem('not installed', 'Docker is not installed on this computer, or not on the PATH.', 'install it: https://docs.docker.com/get-started/get-docker'),
  notRunning: (where?: string) =>
    new EngineProblem(
      'not running',
      `Docker is installed, and its engine is not running${where ? ` at ${where}` : ''}.`,
      desktop ? 'start Docker Desktop' : 'sudo systemctl start docker, or start Docker Desktop; in WSL2 without systemd: sudo service docker start',
    ),
  noAnswer: (what: string, seconds: number) => new EngineProblem('no answer', `Docker did not answer ${what} within ${seconds} s.`, 'restart Docker'),
  noRights: () =>
    new EngineProblem('no rights', 'Docker runs, and you have no rights to use it.', 'sudo usermod -aG docker "$USER", then log out and in again (whoever is in that group can do all that root can)'),
  engineTooOld: (version: string) => new EngineProblem('engine too old', `Docker's engine is ${version}, and ${oldest.engine} or newer is needed.`, update),
  notDocker: () => new EngineProblem('not Docker', 'The docker on this computer is Podman, and the workshop knows only Docker.', 'install Docker beside it, and put it first on the PATH; all steps run without either'),
  noCompose: (hasFirst: boolean) =>
    new EngineProblem(
      'no Compose',
      hasFirst ? 'Docker has only the old docker-compose, version 1, which cannot read these files.' : "Docker's Compose is not installed.",
      'install its plugin: https://docs.docker.com/compose/install/linux',
    ),
  composeTooOld: (version: string) => new EngineProblem('Compose too old', `Docker's Compose is ${version}, and ${oldest.compose} or newer is needed.`, 'update its plugin: https://docs.docker.com/compose/install/linux'),
  elsewhere: (where: string) =>
    new EngineProblem('elsewhere', `Docker's engine is not on this computer but ${where}, and the files of the workshop cannot be mounted there.`, 'docker context use default, and unset DOCKER_HOST and DOCKER_CONTEXT'),
  windowsContainers: () => new EngineProblem('windows containers', 'Docker runs Windows containers, and the images are for Linux.', 'switch Docker Desktop to Linux containers in its menu'),
  diskFull: () => new EngineProblem('disk full', 'The disk that Docker keeps its images and containers on is full.', 'docker system df shows what fills it; docker system prune removes what nothing uses'),
  noImage: (name: string | undefined, why: string) =>
    new EngineProblem(
      'no image',
      `${name ? `The image ${name}` : 'An image'} is not on this computer and cannot be fetched: ${why}.`,
      `${name ? `docker pull ${name}` : `docker pull of each of ${Object.values(images).join(', ')}`} says more. Behind a proxy, Docker needs it in its own settings. Without network: docker save on another computer, docker load -i here`,
    ),
  portTaken: (port: number, holder: string | undefined) =>
    new EngineProblem('port taken', `Port ${port} of this computer is taken${holder ? ` by ${holder}` : ''}.`, holder ? 'stop it' : `see what listens there: ${desktop ? 'lsof -nP -iTCP' : 'sudo ss -ltnp'} | grep ${port}`),
  notShared: (folder: string | undefined) =>
    new EngineProblem(
      'folder not shared',
      `Docker Desktop does not share ${folder ? `the folder ${folder}` : 'a folder of the workshop'} with its containers.`,
      'add it in Docker Desktop: Settings, Resources, File sharing; or keep the workshop below your home folder',
    ),
  noNetworkLeft: () => new EngineProblem('no network left', 'Docker has no addresses left for one more network.', 'docker network prune removes those that nothing uses'),
  nameTaken: (name: string) => new EngineProblem('name taken', `There is a container called ${name} already, probably of a run that was killed.`, `docker rm --force ${name}`),
};

/** What Docker's words mean for people; undefined when they are none of those known here. */
export function explain(stderr: string): EngineProblem | undefined {
  for (const [pattern, problem] of meanings) {
    const found = pattern.exec(stderr);
    if (found) return problem(found, stderr);
  }
  return undefined;
}

/** The first that fits holds: those that others' words may contain come first. */
const meanings: [RegExp, (found: RegExpExecArray, stderr: string) => EngineProblem][] = [
  [/no space left on device|disk quota exceeded/i, problems.diskFull],
  [/permission denied while trying to connect|(dial unix|docker\.sock).*permission denied/i, problems.noRights],
  // Windows and macOS say it in other words than Linux; engine 29 in yet others.
  [/(?:cannot|failed to) connect to the docker (?:daemon|api) at ([^\s;]+?)[.;]?(?:\s|$)/i, ([, where]) => problems.notRunning(where)],
  [/is the docker daemon running|error during connect|docker desktop is (?:not running|unable to start)/i, () => problems.notRunning()],
  [/client version \S+ is too new.*maximum supported api version is ([\d.]+)/i, () => problems.engineTooOld('older than its command')],
  [/as feature require Docker Engine v?(\d+)/i, ([, needed]) => new EngineProblem('engine too old', `Docker's engine is too old for the file: it takes ${needed} or newer.`, update)],
  [/'compose' is not a docker command|unknown command: docker compose|unknown shorthand flag: 'f' in -f/i, () => problems.noCompose(false)],
  [/(?:bind for|failed to bind host port for|listen tcp4?|exposing port TCP) (?:\[[^\]]*\]|[\d.]*):(\d+)(?=.*(?:already allocated|already in use|not available|forbidden|failed))/is, ([, port]) => portTaken(Number(port))],
  [/(?:mounts denied|is not shared from)/i, (_, stderr) => problems.notShared(/the path (\/?\S+)/i.exec(stderr)?.[1])],
  [/all predefined address pools have been fully subnetted|non-overlapping IPv4 address pool/i, problems.noNetworkLeft],
  [/the container name "\/?([^"]+)" is already in use/i, ([, name = '']) => problems.nameTaken(name)],
  [/toomanyrequests|pull rate limit/i, (_, stderr) => problems.noImage(imageIn(stderr), 'the registry wants no more requests from here for now; docker login helps')],
  [/manifest (?:for \S+ not found|unknown)|pull access denied|repository does not exist/i, (_, stderr) => problems.noImage(imageIn(stderr), 'the registry does not have it')],
  [/(?:get|head) "https?:\/\/[^"]+\/v2\/|failed to (?:resolve reference|copy|do request)|no such image|error pulling image|tls handshake timeout/i, (_, stderr) => problems.noImage(imageIn(stderr), 'the registry cannot be reached')],
];

/** The image that was to be fetched, where Docker names it. */
function imageIn(stderr: string): string | undefined {
  const names = [/unable to find image '([^']+)'/i, /failed to resolve reference "(?:docker\.io\/(?:library\/)?)?([^"]+)"/i, /no such image: (\S+)/i, /manifest for (\S+) not found/i, /pull access denied for ([^\s,]+)/i];
  return names.map((pattern) => pattern.exec(stderr)?.[1]).find((name) => name !== undefined);
}

// ── Who has a port ─────────────────────────────────────────────────────────
// Looked up when all is lost already, hence without haste and without promises.

function portTaken(port: number): EngineProblem {
  const container = answerOf('docker', ['ps', '--filter', `publish=${port}`, '--format', '{{.Names}}']);
  if (container) return new EngineProblem('port taken', `Port ${port} of this computer is taken by the container ${container}.`, `docker stop ${container}`);
  return problems.portTaken(port, listenerOf(port));
}

/** `node (process 4711)`; undefined when nobody tells, as of processes of others. */
function listenerOf(port: number): string | undefined {
  const pid = listenerInProc(port) ?? Number(answerOf('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t']) ?? NaN);
  if (!Number.isInteger(pid)) return undefined;
  const name = answerOf('ps', ['-o', 'comm=', '-p', String(pid)]);
  return name ? `${name} (process ${pid})` : `process ${pid}`;
}

/** Linux tells the socket of a port in /proc/net, and whose it is by the files that processes hold. See proc_net(5). */
function listenerInProc(port: number): number | undefined {
  try {
    const listening = '0A';
    const rows = ['tcp', 'tcp6'].flatMap((table) => readFileSync(`/proc/net/${table}`, 'latin1').trim().split('\n').slice(1));
    const row = rows.map((each) => each.trim().split(/\s+/)).find((fields) => fields[3] === listening && parseInt(fields[1]?.split(':')[1] ?? '', 16) === port);
    const socket = `socket:[${row?.[9]}]`;
    return row && readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).find((pid) => filesOf(pid).includes(socket));
  } catch {
    return undefined;
  }
}

function filesOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((file) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${file}`);
      } catch {
        return '';
      }
    });
  } catch {
    return [];
  }
}

function answerOf(program: string, args: string[]): string | undefined {
  try {
    return execFileSync(program, args, { encoding: 'utf8', timeout: 3000, stdio: ['ignore', 'pipe', 'ignore'] }).trim().split('\n')[0] || undefined;
  } catch {
    return undefined;
  }
}

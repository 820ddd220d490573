// A service in a container, beside the processes of the apps: made by Testcontainers, which is read only then.
//
// It is on the network of the host, so that it listens on the machine's port of the loopback address and reaches its wires as a
// process would. Its machine's disk is mounted at the path that it has here, so that files and sockets are where they are.

import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { GenericContainer } from 'testcontainers';
import type { Log } from '../log.ts';
import type { Home } from '../services/service.ts';
import { ContainerProcess } from './container-process.ts';
import { dockerEndpoint } from './docker-api.ts';
import { runLabels } from './engine.ts';
import { explain } from './engine-problems.ts';
import { images } from './images.ts';
import { noteDocker } from './remains.ts';

export interface ServiceContainerOptions {
  image: string;
  /** In place of the image's own entry point, which would lay out files and change its user. */
  command: string;
  args: readonly string[];
  env: Record<string, string>;
  /** Undefined: as we ourselves run. */
  identity?: { uid: number; gid: number } | undefined;
  home: Home;
  log: Log;
}

/**
 * Starts a new container; it is removed when it has ended. Whether it answers is for its service to see.
 * @throws EngineProblem when Docker cannot, for a reason of the computer's
 */
export async function startServiceContainer({ image, command, args, env, identity, home, log }: ServiceContainerOptions): Promise<ContainerProcess> {
  const { Wait } = await testcontainers();
  await noteDocker(home.run.path);
  const { uid, gid } = identity ?? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const container = (await made(image))
    .withEntrypoint([command])
    .withCommand([...args])
    .withEnvironment({ ...env, GRAMINSTA_RUN: home.run.id })
    .withUser(`${uid}:${gid}`)
    .withWorkingDir(home.filesFolder)
    .withNetworkMode('host')
    .withBindMounts(foldersOf(home).map((folder) => ({ source: folder, target: folder })))
    .withLabels({ ...runLabels(home.run.id), 'graminsta.machine': home.machine })
    // The run's own reaper sees to it, also after kill -9, and Testcontainers' is one image more.
    .withAutoCleanup(false)
    .withWaitStrategy(Wait.forAll([]));
  let id: string;
  try {
    id = (await container.start()).getId();
  } catch (error) {
    throw (error instanceof Error ? explain(error.message) : undefined) ?? error;
  }
  const running = await ContainerProcess.follow({ id, log, run: home.run, start: false });
  // A machine's disk is not in it, so nothing is lost.
  void running.exited.then(() => running.remove()).catch(() => undefined);
  return running;
}

/** Its machine's, and those of its stack that outlive machines. */
function foldersOf({ folder }: Home): string[] {
  const stack = path.dirname(folder);
  return [folder, ...readdirSync(stack).filter((name) => name.startsWith('volume-')).map((name) => path.join(stack, name))];
}

let library: Promise<typeof import('testcontainers')> | undefined;

function testcontainers(): Promise<typeof import('testcontainers')> {
  library ??= (async () => {
    // It knows no contexts, and where Docker is on this computer its ports are on the loopback address.
    process.env['DOCKER_HOST'] ??= await dockerEndpoint();
    process.env['TESTCONTAINERS_HOST_OVERRIDE'] ??= '127.0.0.1';
    return import('testcontainers');
  })();
  return library;
}

/** The modules for Postgres and Redis publish a port, which there is not on the network of the host. */
async function made(image: string): Promise<GenericContainer> {
  if (image === images.postgres) {
    const { PostgreSqlContainer } = await import('@testcontainers/postgresql');
    return new (class extends PostgreSqlContainer {
      override readonly exposedPorts = [];
      override readonly createOpts = { Image: image, Healthcheck: { Test: ['NONE'] } };
      override readonly hostConfig = {};
      // One that is there already, so that the module brings none of its own: that would ask at the usual port.
      override readonly healthCheck = { test: ['CMD', 'true'] as ['CMD', string] };
    })(image);
  }
  if (image === images.redis) {
    const { RedisContainer } = await import('@testcontainers/redis');
    return new (class extends RedisContainer {
      override readonly exposedPorts = [];
      override readonly createOpts = { Image: image };
      override readonly hostConfig = {};
    })(image);
  }
  return new (await testcontainers()).GenericContainer(image);
}

// What Compose is told of a stack that is checked: each service as the runtime would start it here, in a container, with its machine's
// disk in the place where it is on this computer; and the door, through which all wires go. Nothing is published but the door.

import type { RunDirectory } from '../runtime/run-directory.ts';
import { runLabels } from '../runtime/containers/engine.ts';
import { images } from '../runtime/containers/images.ts';
import type { Launch } from '../runtime/services/service.ts';
import type { ServiceDescription } from '../stack/description.ts';
import { doorPort, doorProgram } from './door.ts';
import type { StackNetwork } from './stack-network.ts';

export interface ContainedService {
  /** What Compose calls it. */
  name: string;
  description: ServiceDescription;
  image: string;
  launch: Launch;
  address: string;
  workingFolder: string;
  /** Mounted where they are here: those that it may write to, and those that it only reads. */
  folders: readonly string[];
  readOnly: readonly string[];
  /** Of one CPU; undefined is as much as there is. */
  cpus: number | undefined;
}

export interface ChecksFile {
  project: string;
  run: Pick<RunDirectory, 'id'>;
  network: StackNetwork;
  door: { name: string; address: string; secret: string; publishedPort: number };
  services: readonly ContainedService[];
}

/** As JSON, which is YAML as well. */
export function checksFile({ project, run, network, door, services }: ChecksFile): string {
  const labels = runLabels(run.id);
  const common = { labels, pull_policy: 'never', restart: 'no', logging: { driver: 'none' }, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'], read_only: true };
  const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
  const containers = services.map(({ name, description, image, launch, address, workingFolder, folders, readOnly, cpus }) => {
    // The image has a PATH of its own.
    const environment = Object.fromEntries(Object.entries(launch.env).filter(([variable]) => variable !== 'PATH'));
    return [
      name,
      {
        ...common,
        image,
        entrypoint: [launch.command],
        command: [...launch.args],
        environment,
        user: launch.identity ? `${launch.identity.uid}:${launch.identity.gid}` : user,
        working_dir: workingFolder,
        // A program that is the first in its container does not end by SIGTERM unless it says so; one below an init does, as anywhere.
        init: description.kind === 'node' || description.kind === 'program',
        tmpfs: ['/tmp'],
        volumes: [...folders.map((folder) => mount(folder, false)), ...readOnly.map((folder) => mount(folder, true))],
        networks: { machines: { ipv4_address: address } },
        // A name is known to nobody: whoever was not told an address cannot ask for it, as on this computer.
        dns: ['127.0.0.1'],
        ...(cpus !== undefined && { cpus }),
      },
    ] as const;
  });
  const file = {
    name: project,
    services: {
      ...Object.fromEntries(containers),
      [door.name]: {
        ...common,
        image: images.node,
        entrypoint: ['node'],
        command: [doorProgram, String(doorPort), door.secret],
        user,
        init: true,
        volumes: [mount(doorProgram, true)],
        ports: [`127.0.0.1:${door.publishedPort}:${doorPort}`],
        networks: { machines: { ipv4_address: door.address } },
      },
    },
    networks: { machines: { labels, ipam: { config: [{ subnet: network.subnet, gateway: network.gateway }] } } },
  };
  // `$` begins a variable of Compose's own.
  return JSON.stringify(file, (_key, value: unknown) => (typeof value === 'string' ? value.replaceAll('$', '$$$$') : value), 2);
}

function mount(folder: string, readOnly: boolean): object {
  return { type: 'bind', source: folder, target: folder, ...(readOnly && { read_only: true }), bind: { create_host_path: false } };
}

import path from 'node:path';
import type { NodeDescription } from '../../stack/description.ts';
import { cacheFolder } from '../cache.ts';
import { compiledPath } from '../transpile.ts';
import { ListeningService, type ListeningServiceOptions } from './listening-service.ts';
import type { Launch } from './service.ts';

/**
 * For what is young, in MB, of which there are up to three: Node.js takes more the newer it is, and a machine here is small. What a
 * program keeps is seen all the better.
 */
const semiSpace = 8;
const limiter = new URL('./cpu-share.mjs', import.meta.url).href;

/** A program of the step, run with the Node.js that runs us. */
export class NodeService extends ListeningService<NodeDescription> {
  readonly #cpuShare: number | undefined;

  /** `cpuShare`: of one CPU, 0 to 1; as much as there is when it is not given. */
  constructor({ cpuShare, ...options }: ListeningServiceOptions<NodeDescription> & { cpuShare?: number | undefined }) {
    super(options);
    this.#cpuShare = cpuShare;
  }

  protected readonly portRemedy = 'Read the port from the environment: process.env.PORT.';

  get title(): string {
    return this.description.entry;
  }

  launch(): Promise<Launch> {
    const file = compiledPath(path.join(this.home.filesFolder, this.description.entry));
    // A container has a limit of Docker's own.
    const isContained = this.place.container !== undefined;
    return Promise.resolve({
      command: isContained ? 'node' : process.execPath,
      args: ['--enable-source-maps', `--max-semi-space-size=${semiSpace}`, ...(this.#cpuShare === undefined || isContained ? [] : ['--import', `${limiter}?share=${this.#cpuShare}`]), file],
      // Understood from Node.js 22 on: the second start of the same code is quicker.
      env: { ...this.system(), NODE_COMPILE_CACHE: path.join(cacheFolder(), 'compiled'), ...this.environment() },
    });
  }
}

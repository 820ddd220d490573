import path from 'node:path';
import type { NodeDescription } from '../../stack/description.ts';
import { cacheFolder } from '../cache.ts';
import { compiledPath } from '../transpile.ts';
import { ListeningService, type Launch } from './listening-service.ts';

/** A program of the step, run with the Node.js that runs us. */
export class NodeService extends ListeningService<NodeDescription> {
  protected readonly portRemedy = 'Read the port from the environment: process.env.PORT.';

  get title(): string {
    return this.description.entry;
  }

  protected launch(): Promise<Launch> {
    const file = compiledPath(path.join(this.home.filesFolder, this.description.entry));
    return Promise.resolve({
      command: process.execPath,
      args: ['--enable-source-maps', file],
      // Understood from Node.js 22 on: the second start of the same code is quicker.
      env: { ...this.system(), NODE_COMPILE_CACHE: path.join(cacheFolder(), 'compiled'), ...this.environment() },
    });
  }
}

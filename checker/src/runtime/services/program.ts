import path from 'node:path';
import type { ProgramDescription } from '../../stack/description.ts';
import { ListeningService } from './listening-service.ts';
import type { Launch } from './service.ts';
import { fillIn, renderTemplate } from './template.ts';

/**
 * Any program that takes a configuration file: HAProxy, Varnish, or one of the learner's own. What it wants to be told on its command
 * line stands there as in the file: `{config}` is the file, `${PORT}` a variable.
 */
export class ProgramService extends ListeningService<ProgramDescription> {
  protected readonly portRemedy = 'Listen where the machine says: ${HOST}:${PORT} in the configuration file.';

  get title(): string {
    return `${this.description.command[0] ?? 'the program'} (${this.description.template})`;
  }

  async launch(): Promise<Launch> {
    const { filesFolder } = this.home;
    const { command: [name = '', ...words], template } = this.description;
    const file = path.join(filesFolder, template);
    const { command, image } = await this.source(name);
    const environment = this.environment();
    await renderTemplate(file, environment);
    return { command, image, args: words.map((word) => fillIn(word, environment).replaceAll('{config}', file)), env: { ...this.system(), ...environment } };
  }
}

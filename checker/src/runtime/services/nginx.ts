import { execFile } from 'node:child_process';
import { chown, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import type { NginxDescription } from '../../stack/description.ts';
import { unprivilegedIdentity } from '../postgres/binaries.ts';
import { ListeningService } from './listening-service.ts';
import type { Launch } from './service.ts';
import { renderTemplate } from './template.ts';

/** Where systems keep nginx's table of file types. */
const mimeTypes = ['/etc/nginx/mime.types', '/opt/homebrew/etc/nginx/mime.types', '/usr/local/etc/nginx/mime.types'].find(existsSync);
/** Where its image keeps it. */
const typesOfImage = '/etc/nginx/mime.types';

/**
 * nginx with the learner's file as what stands inside of `http { … }`, as in the folder of templates of its container image.
 * Everything around it is ours: no rights, one worker, temporary files on the machine's own disk. DATA_DIR is there for what it keeps.
 */
export class NginxService extends ListeningService<NginxDescription> {
  protected readonly portRemedy = 'Listen where the machine says: listen ${HOST}:${PORT};';

  /** Its graceful shutdown; SIGTERM would cut off whoever it serves. See "Controlling nginx" in its documentation. */
  protected override readonly stopSignal = 'SIGQUIT';

  get title(): string {
    return `nginx (${this.description.template})`;
  }

  async launch(): Promise<Launch> {
    const { filesFolder, dataFolder, temporaryFolder } = this.home;
    const { command, image } = await this.source('nginx');
    const isContained = image !== undefined || this.place.container !== undefined;
    const template = path.join(filesFolder, this.description.template);
    await renderTemplate(template, this.environment());
    const main = path.join(temporaryFolder, 'nginx-main.conf');
    await writeFile(main, mainConfiguration(template, temporaryFolder, isContained ? typesOfImage : mimeTypes));
    const identity = unprivilegedIdentity();
    // What it keeps, as with proxy_cache_path, it keeps on the machine's disk.
    if (identity) for (const folder of [temporaryFolder, dataFolder]) await chown(folder, identity.uid, identity.gid);
    // -p: relative paths in the learner's file begin at the step's files. -e: until it has read where to complain, it complains here.
    const complaints = (isContained || (await complainsWhereAsked(command))) ? ['-e', 'stderr'] : [];
    return { command, image, args: ['-c', main, '-p', filesFolder, ...complaints], env: { ...this.system(), ...this.environment() }, identity };
  }
}

function mainConfiguration(template: string, temporary: string, types: string | undefined): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `  ${kind}_temp_path ${temporary}/${kind};`);
  return [
    'daemon off;',
    'worker_processes 1;',
    `pid ${temporary}/nginx.pid;`,
    'error_log stderr warn;',
    'events { worker_connections 1024; }',
    'http {',
    ...paths,
    '  access_log off;',
    ...(types === undefined ? [] : [`  include ${types};`]),
    '  default_type application/octet-stream;',
    `  include ${template};`,
    '}',
    '',
  ].join('\n');
}

/** `-e` is known since nginx 1.19.5; older ones, as in Ubuntu 22.04, would not start with it. */
async function complainsWhereAsked(command: string): Promise<boolean> {
  return knowsWhereToComplain((await promisify(execFile)(command, ['-v'])).stderr);
}

/** @param version what `nginx -v` says: `nginx version: nginx/1.18.0 (Ubuntu)` */
export function knowsWhereToComplain(version: string): boolean {
  const [, major = 0, minor = 0, patch = 0] = (/nginx\/(\d+)\.(\d+)\.(\d+)/.exec(version) ?? []).map(Number);
  return major > 1 || minor > 19 || (minor === 19 && patch >= 5);
}

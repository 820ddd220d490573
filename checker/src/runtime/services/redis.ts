import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { RedisDescription } from '../../stack/description.ts';
import { ListeningService, type ListeningServiceOptions } from './listening-service.ts';
import type { Launch } from './service.ts';

/** Of the size of a small cache that one rents. What does not fit is refused (`noeviction`), as everywhere where nobody chose otherwise. */
const memory = '128mb';

/** How long it may think about whether it is there. */
const patienceMs = 1_000;

/** A real Redis, or a Valkey, which is the same to its clients. It listens on the loopback address only, and asks for no password. */
export class RedisService extends ListeningService<RedisDescription> {
  readonly title = 'Redis';
  protected readonly portRemedy = 'This is a fault of the workshop.';
  readonly #durable: boolean;

  /** `durable`: what it holds is on its disk within a second, as by `npm run up`. Otherwise whoever ends it empties it. */
  constructor({ durable, ...options }: ListeningServiceOptions<RedisDescription> & { durable: boolean }) {
    super(options);
    this.#durable = durable;
  }

  async launch(): Promise<Launch> {
    const { dataFolder } = this.home;
    const { command, image } = await this.source('redis-server');
    const folder = path.join(dataFolder, this.description.name);
    await mkdir(folder, { recursive: true });
    const settings = {
      port: String(this.place.listens.port),
      bind: this.place.listens.host,
      // Refuses everybody who does not come from this computer. Nobody else gets here, and a wire may show another address.
      'protected-mode': 'no',
      dir: folder,
      save: '',
      appendonly: this.#durable ? 'yes' : 'no',
      maxmemory: memory,
      'maxmemory-policy': 'noeviction',
      loglevel: 'warning',
    };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    return { command, image, args, env: { ...this.system(), ...this.environment() } };
  }

  /** It listens before it has read what it kept, and answers `-LOADING` until then. */
  protected override async answers(): Promise<boolean> {
    const socket = this.place.dial();
    socket.on('error', () => undefined);
    try {
      socket.write('PING\r\n');
      const [answer] = (await once(socket, 'data', { signal: AbortSignal.timeout(patienceMs) })) as [Buffer];
      return answer.toString('latin1').startsWith('+PONG');
    } catch {
      return false;
    } finally {
      socket.destroy();
    }
  }
}

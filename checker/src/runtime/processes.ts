// The usual way to run a stack: every service is a process of this computer and listens on a port of the loopback address.

import type { Hosting, Place } from './hosting.ts';
import { dialLoopback, ListeningEnd, loopback } from './near-end.ts';

export const processes: Hosting = {
  async host(description, { ports, hosts }) {
    const taken: number[] = [];
    const takePort = async (): Promise<number> => {
      const port = await ports.take();
      taken.push(port);
      return port;
    };
    const places = new Map<string, Place>();
    for (const { name, services } of description.machines) {
      for (const service of services) {
        const port = await takePort();
        places.set(`${name}/${service.name}`, { listens: { host: loopback, port }, port, dial: (from) => dialLoopback(port, from) });
      }
    }
    const place = ({ machine, service }: { machine: string; service: string }): Place => places.get(`${machine}/${service}`)!;
    return {
      place,
      nearby: (id) => place(id).listens,
      nearEnd: async ({ machine }) => new ListeningEnd(await takePort(), hosts?.[machine] ?? loopback),
      showsAddresses: true,
      prepare: async () => undefined,
      endAll: async () => undefined,
      remove: async () => ports.giveBack(taken),
    };
  },
};

// What the machine tells the app about itself.

import path from 'node:path';

export const config = {
  host: process.env.HOST ?? '127.0.0.1',
  port: Number(process.env.PORT ?? 3000),
  machineName: process.env.MACHINE_NAME ?? 'server',
  /** The machine's own disk: what is written here survives a restart. */
  dataDir: path.resolve(process.env.DATA_DIR ?? 'data'),
};

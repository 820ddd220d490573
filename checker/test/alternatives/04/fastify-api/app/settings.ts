// What comes from outside.

const { HOST = '127.0.0.1', PORT = '3000', MACHINE_NAME = 'api', APP_URL = '', OWNER_URL = '', CONNECTIONS = '5', ORIGIN = '', ADDRESS = '' } = process.env;

const role = new URL(APP_URL);

export const settings = {
  host: HOST,
  port: Number(PORT),
  machine: MACHINE_NAME,
  databaseUrl: APP_URL,
  ownerUrl: OWNER_URL,
  role: { name: decodeURIComponent(role.username), password: decodeURIComponent(role.password) },
  connections: Number(CONNECTIONS),
  origin: new URL(ORIGIN).origin,
  address: ADDRESS,
};

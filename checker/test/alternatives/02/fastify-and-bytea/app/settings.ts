// What this machine is told.

const told = (name: string): string => {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`The variable ${name} is missing.`);
  return value;
};

export const settings = {
  host: told('HOST'),
  port: Number(told('PORT')),
  machine: told('MACHINE_NAME'),
  poolMax: Number(told('POOL_MAX')),
  database: { host: told('DB_HOST'), port: Number(told('DB_PORT')), database: told('DB_NAME') },
  owner: { user: told('DB_OWNER'), password: told('DB_OWNER_PASSWORD') },
  role: { user: told('DB_ROLE'), password: told('DB_ROLE_PASSWORD') },
};

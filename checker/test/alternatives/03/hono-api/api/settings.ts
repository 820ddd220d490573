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
  data: told('DATA_DIR'),
  database: told('DB'),
  /** The origin of the page, as browsers write it. */
  page: new URL(told('PAGE')).origin,
  /** What images' addresses begin with. */
  self: told('SELF'),
  poolMax: Number(process.env.POOL_MAX ?? 10),
};

/**
 * `npm run check 02 --all` gives the flag to npm, which takes it for its own and passes it on in the environment;
 * `npm run check 02 -- --all` gives it to us. People should not have to know the difference.
 */
export function npmFlag(name: string): boolean {
  return process.env[`npm_config_${name}`] === 'true';
}

/** As `npmFlag`, for an option with a value: `npm run check 02 --junit=report.xml`. */
export function npmValue(name: string): string | undefined {
  const value = process.env[`npm_config_${name}`];
  return value === '' || value === 'true' ? undefined : value;
}

/**
 * `npm run check 02 --all` gives the flag to npm, which takes it for its own and passes it on in the environment;
 * `npm run check 02 -- --all` gives it to us. People should not have to know the difference.
 */
export function npmFlag(name: string): boolean {
  return process.env[`npm_config_${name}`] === 'true';
}

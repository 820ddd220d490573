// The other API machines, by name.

const urls = new Map((process.env.PEERS ?? '').split(',').map((peer) => peer.split('=') as [string, string]));

/** Where a machine is, if it is another one. */
export function peer(name: string): string | undefined {
  return name === process.env.MACHINE_NAME ? undefined : urls.get(name);
}

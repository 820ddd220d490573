// The edges of this step, who is near them, and where an address of an image leads.

import { requireThat, type App, type Photo, type StackDescription, type User } from 'checker/check';

export const edges = ['edge-us', 'edge-eu', 'edge-ap'] as const;

/** Somebody who goes to this machine, past every entrance, and is in its region. */
export function neighbourOf(app: App, machine: string, name = 'visitor'): User {
  return app.visitorIn(regionOf(app.stack.description, machine), name, machine);
}

export function regionOf({ machines }: StackDescription, name: string): StackDescription['machines'][number]['region'] {
  return machines.find((machine) => machine.name === name)?.region ?? 'us';
}

/** The machine to which an address leads that was read on the page of `page`; undefined when it is none of this stack. */
export function machineBehind(app: App, address: string, page: string): string | undefined {
  const base = app.stack.publicUrl(page);
  if (!URL.canParse(address, base)) return undefined;
  const { origin } = new URL(address, base);
  return app.stack.description.machines.find(({ services, name }) => services.some(({ kind }) => kind !== 'postgres' && kind !== 'redis') && app.stack.publicUrl(name) === origin)?.name;
}

/** The way to an image at whichever edge it is asked for. @throws Failure unless it leads to one. */
export function pathAtEdges(app: App, { imageUrl }: Pick<Photo, 'imageUrl'>, did: string): string {
  const machine = machineBehind(app, imageUrl, edges[0]);
  requireThat(edges.some((edge) => edge === machine), {
    did,
    saw: `imageUrl: "${imageUrl.slice(0, 120)}", which leads to ${machine ?? 'no machine of this stack'}`,
    expected: 'an address at an edge, as "/images/…", which is relative to the page',
    why: 'Only what is asked of an edge can be kept there.',
  });
  const { pathname, search } = new URL(imageUrl, app.stack.publicUrl(edges[0]));
  return pathname + search;
}

/** The API's machines and lb in front of them. */
export function apiSide({ machines }: StackDescription): string[] {
  return machines.map(({ name }) => name).filter((name) => name === 'lb' || isApi(name));
}

export function isApi(name: string): boolean {
  return /^api-\d+$/.test(name);
}

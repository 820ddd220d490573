import type { Region } from '../stack/description.ts';

/** Round trips in milliseconds, of the order that large networks measure between these coasts. */
const roundTripMs: Record<string, number> = {
  'eu us': 80,
  'ap us': 160,
  'ap eu': 220,
};
const withinRegionMs = 2;

/** Milliseconds that one direction takes. */
export function distanceMs(from: Region, to: Region): number {
  const roundTrip = from === to ? withinRegionMs : roundTripMs[[from, to].sort().join(' ')];
  return (roundTrip ?? 0) / 2;
}

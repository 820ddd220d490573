import { closest, distance } from 'fastest-levenshtein';

/** Suggests the name that someone probably meant. */
export const nearest = {
  /** The closest of `names`, or undefined when none is near. */
  of(word: string, names: readonly string[]): string | undefined {
    if (names.length === 0) return undefined;
    const candidate = closest(word, [...names]);
    const far = distance(word, candidate);
    // A word of two letters is two letters away from any other.
    return far < word.length && far <= Math.max(2, Math.floor(word.length / 3)) ? candidate : undefined;
  },
  /** `; did you mean "port"?`, or nothing. */
  suffix(word: string, names: readonly string[]): string {
    const candidate = nearest.of(word, names);
    return candidate === undefined ? '' : `; did you mean "${candidate}"?`;
  },
};

import type { Surroundings } from './surroundings.ts';

/**
 * What came of looking at something. A look may fail in a way that nobody foresaw, and the others are told all the same.
 * @param otherwise makes of the reason what is told instead; private parts are taken out of it already
 */
export async function seen<Result>({ discreet }: Pick<Surroundings, 'discreet'>, look: () => Promise<Result>, otherwise: (saw: string) => Result): Promise<Result> {
  try {
    return await look();
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return otherwise(`could not be looked at: ${discreet(reason).replace(/\.$/, '') || 'nobody knows why'}`);
  }
}

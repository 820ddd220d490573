/** A mistake in the description of a stack: one sentence that names the machine, and what to write instead. */
export class StackError extends Error {
  override name = 'StackError';
}

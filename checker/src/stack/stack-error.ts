/** A mistake in the description of a stack: one sentence that names the machine, and what to write instead. */
export class StackError extends Error {
  override name = 'StackError';
  /** What should be described instead, where the message does not say it. */
  readonly expected: string | undefined;

  constructor(message: string, expected?: string) {
    super(message);
    this.expected = expected;
  }
}

// The cookies of one person, as far as the steps need them: by name, without paths.

export class Cookies {
  readonly #all = new Map<string, string>();

  get all(): ReadonlyMap<string, string> {
    return this.#all;
  }

  /** As they are sent back. */
  get header(): string {
    return [...this.#all].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** Keeps what the lines of `Set-Cookie` say, and lets go of what they say is over. */
  keep(lines: readonly string[]): void {
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split(';');
      const [name = '', value = ''] = pair.split(/=(.*)/s).map((part) => part.trim());
      const expires = attributes.map((attribute) => /^\s*expires=(.*)$/i.exec(attribute)?.[1]).find(Boolean);
      const gone = attributes.some((attribute) => /^\s*max-age=(0|-\d+)\s*$/i.test(attribute)) || (expires !== undefined && Date.parse(expires) < Date.now());
      if (value === '' || gone || /[^\x21-\x7e]/.test(name + value)) this.#all.delete(name);
      else this.#all.set(name, value);
    }
  }

  /** Adds those of somebody else. */
  take(others: ReadonlyMap<string, string>): void {
    for (const [name, value] of others) this.#all.set(name, value);
  }

  forget(): void {
    this.#all.clear();
  }
}

/** Lets a number of people in at a time. The others wait in line, and each of them for so long and no longer. */
export class Gate {
  #free: number;
  readonly #patienceMs: number;
  readonly #line = new Set<() => void>();

  constructor(places: number, patienceMs: number) {
    this.#free = places;
    this.#patienceMs = patienceMs;
  }

  /** What to call on the way out; undefined when it took too long to get in. */
  async enter(): Promise<(() => void) | undefined> {
    if (this.#free > 0) this.#free -= 1;
    else if (!(await this.#turn())) return undefined;
    return () => this.#leave();
  }

  #turn(): Promise<boolean> {
    return new Promise((resolve) => {
      const goIn = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer = setTimeout(() => {
        this.#line.delete(goIn);
        resolve(false);
      }, this.#patienceMs);
      this.#line.add(goIn);
    });
  }

  /** The place goes to the next in line, if there is one. */
  #leave(): void {
    const [next] = this.#line;
    if (!next) {
      this.#free += 1;
      return;
    }
    this.#line.delete(next);
    next();
  }
}

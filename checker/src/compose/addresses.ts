// What machines are told on Docker. Texts of stack.ts may hold `$`, which Compose takes for a variable of its own; only the ports
// of the entrances are one.

import { frontOf, type ServiceDescription, type StackDescription } from '../stack/description.ts';
import { resolveEnvironment, resolveText, type Addressing } from '../stack/resolve.ts';
import { innerPort } from './names.ts';
import { publishedMachines } from './networks.ts';

export interface Publication {
  machine: string;
  /** Whoever wants another port sets this variable. */
  variable: string;
  port: number;
  /** In its container. */
  innerPort: number;
  /** The entrances that lead there: `web`, or `web in eu`; none for an address that apps tell people. */
  entrances: string[];
}

/** The ports by which people come in, the same ones every time: 8040, 8041 and so on for step 4. */
export function publications(stack: StackDescription, step: number): Publication[] {
  return publishedMachines(stack).map((machine, index) => ({
    machine: machine.name,
    variable: `PORT_${machine.name.toUpperCase().replaceAll('-', '_')}`,
    port: 8000 + 10 * step + index,
    innerPort: innerPort(stack, { machine: machine.name, service: frontOf(machine)!.name }),
    entrances: Object.entries(stack.entrances).flatMap(([name, entrance]) =>
      typeof entrance === 'string'
        ? (entrance === machine.name ? [name] : [])
        : Object.entries(entrance).flatMap(([region, target]) => (target === machine.name ? [`${name} in ${region}`] : [])),
    ),
  }));
}

/** As Compose reads it: `${PORT_LB:-8041}` */
export function portText({ variable, port }: Publication): string {
  return `\${${variable}:-${port}}`;
}

/** Where a machine finds a volume that several mount. */
export function volumeFolder(volume: string): string {
  return `/volumes/${volume}`;
}

/** A text of stack.ts as Compose has to read it. */
export function literally(text: string): string {
  return text.replaceAll('$', '$$$$');
}

/** Texts of a machine's services with every reference resolved, ready to stand in a compose.yaml. */
export class ComposeTexts {
  readonly #stack: StackDescription;
  readonly #publications: readonly Publication[];
  readonly #addressing: Addressing;

  constructor(stack: StackDescription, published: readonly Publication[]) {
    this.#stack = stack;
    this.#publications = published;
    this.#addressing = {
      inner: (consumer, provider) => ({ host: consumer === provider.machine ? '127.0.0.1' : provider.machine, port: innerPort(stack, provider) }),
      publicUrl: (machine) => `http://localhost:${mark(machine)}`,
      volumePath: (_consumer, volume) => volumeFolder(volume),
    };
  }

  environment(machine: string, service: ServiceDescription): Record<string, string> {
    const resolved = resolveEnvironment(this.#stack, machine, service, this.#addressing);
    return Object.fromEntries(Object.entries(resolved).map(([name, text]) => [name, this.#finished(text)]));
  }

  text(machine: string, text: string): string {
    return this.#finished(resolveText(this.#stack, machine, text, this.#addressing));
  }

  #finished(text: string): string {
    return this.#publications.reduce((finished, publication) => finished.replaceAll(mark(publication.machine), () => portText(publication)), literally(text));
  }
}

/** Stands for a port until what is in the text besides is made safe. */
const mark = (machine: string): string => `⟦port ${machine}⟧`;

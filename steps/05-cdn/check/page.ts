// The page as a browser loads it: the document, and the scripts and styles that it names, directly and through each other.

import { type Answer, type User } from 'checker/check';

export interface LoadedPage {
  document: Answer;
  /** By address, as it was asked for. */
  parts: ReadonlyMap<string, Answer>;
}

/** More than any page of this workshop has. */
const mostParts = 60;

/** Loads the page and all its parts. @param base the public address of the edge, or of storage */
export async function loadPage(who: User, base: string): Promise<LoadedPage> {
  const document = await who.client.send({ url: base, asStranger: true });
  return { document, parts: document.ok ? await loadParts(who, base, document.body.toString('utf8')) : new Map() };
}

/** Loads what a document names. */
export async function loadParts(who: User, base: string, document: string): Promise<Map<string, Answer>> {
  const parts = new Map<string, Answer>();
  let next = namedInDocument(document, base);
  while (next.length > 0 && parts.size < mostParts) {
    const answers = await Promise.all(next.map(async (address) => [address, await who.client.send({ url: address, asStranger: true })] as const));
    for (const [address, answer] of answers) parts.set(address, answer);
    const named = answers.flatMap(([address, answer]) => (answer.ok ? namedInPart(answer, address) : []));
    next = [...new Set(named)].filter((address) => !parts.has(address));
  }
  return parts;
}

/** `/v/1f3a/app.js` */
export function shortly(address: string): string {
  const { pathname, search } = new URL(address);
  return pathname + search;
}

function namedInDocument(document: string, base: string): string[] {
  const text = document.replaceAll(/<!--[\s\S]*?-->/g, '');
  const addresses = [...text.matchAll(/<(script|link)\b[^>]*>/gi)].flatMap(([tag, kind = '']) => {
    const isPart = kind.toLowerCase() === 'script' || /\brel\s*=\s*["']?(stylesheet|modulepreload)\b/i.test(tag);
    const address = /\s(?:src|href)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/i.exec(tag);
    return isPart && address ? [address[1] ?? address[2] ?? address[3] ?? ''] : [];
  });
  return resolved(addresses, base);
}

const imports = [/(?:^|[;}\n])\s*(?:import|export)\b[^'"`;()]*?\bfrom\s*["']([^"']+)["']/g, /(?:^|[;}\n])\s*import\s*["']([^"']+)["']/g, /\bimport\(\s*["']([^"']+)["']/g];
const styleImports = [/@import\s+(?:url\()?\s*["']([^"']+)["']/g];

/** Scripts import modules by addresses that are relative to themselves. */
function namedInPart(answer: Answer, address: string): string[] {
  const isStyle = /css/.test(answer.headers['content-type'] ?? '');
  const text = answer.body.toString('utf8');
  const named = (isStyle ? styleImports : imports).flatMap((pattern) => [...text.matchAll(pattern)].map(([, name = '']) => name));
  return resolved(named.filter((name) => isStyle || /^(\.{0,2}\/|https?:)/.test(name)), address);
}

function resolved(addresses: readonly string[], base: string): string[] {
  return [...new Set(addresses.filter((address) => !/^data:/i.test(address) && URL.canParse(address, base)).map((address) => new URL(address, base).href))];
}

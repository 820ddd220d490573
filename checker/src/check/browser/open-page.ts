// A page as somebody sees it who has it open.

import type { Page } from 'playwright-core';
import { clip } from '../require.ts';
import type { Photo } from '../user.ts';

/** A page whose script runs without end answers no question either. */
const patienceMs = 2_000;

/** What only screen readers get is a pixel large. */
const isSeen = `(element) => {
  const { width, height } = element.getBoundingClientRect();
  return element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && width > 1 && height > 1;
}`;

const statusText = `[...document.querySelectorAll('[role="status"]')]
  .filter(${isSeen}).map(({ innerText }) => innerText.trim()).filter(Boolean).join(' ')`;

const shownImages = `[...document.images]
  .filter(${isSeen}).filter(({ complete, naturalWidth }) => complete && naturalWidth > 0).map(({ currentSrc }) => currentSrc)`;

export class OpenPage {
  /** For what has no word here. */
  readonly tab: Page;
  readonly #errors: string[] = [];

  constructor(tab: Page) {
    this.tab = tab;
    tab.on('pageerror', (error) => this.#errors.push(clip(error.message)));
  }

  /** The visible text of what has `role="status"`; empty when there is none. Undefined when the page does not respond. */
  status(): Promise<string | undefined> {
    return this.#look<string>(statusText);
  }

  /** All of its visible text. Undefined when the page does not respond. */
  text(): Promise<string | undefined> {
    return this.#look<string>('document.body?.innerText ?? ""');
  }

  /** Whether it shows a photo: its caption, and its image with all its bytes. */
  async shows({ caption, imageUrl }: Photo): Promise<boolean> {
    const [text, images] = await Promise.all([this.text(), this.#look<string[]>(shownImages)]);
    const isThere = (url: string): boolean => url === new URL(imageUrl, this.tab.url()).href;
    return (text?.includes(caption) ?? false) && (images?.some(isThere) ?? false);
  }

  /** Errors of its scripts that nobody handled, oldest first. */
  get errors(): readonly string[] {
    return this.#errors;
  }

  close(): Promise<void> {
    return this.tab.close();
  }

  async #look<Seen>(expression: string): Promise<Seen | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), patienceMs)));
    // In the moment in which a page goes over to another one, there is none to look at.
    const seen = this.tab.evaluate<Seen>(expression).catch(() => undefined);
    try {
      return await Promise.race([seen, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

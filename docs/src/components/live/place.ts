// Keeps what somebody reads where it is while something above it grows. Chromium and Firefox do so by themselves ("scroll
// anchoring"); Safari does not.

let place: { element: Element; top: number } | undefined;

/** To be called before a change. */
export function rememberPlace(): void {
  place = undefined;
  if (CSS.supports('overflow-anchor', 'auto') || window.scrollY === 0) return;
  const navbar = document.querySelector('.navbar')?.getBoundingClientRect().bottom ?? 0;
  const element = [...document.querySelectorAll('main :is(h1, h2, h3, p, li, td, dd, pre)')].find(
    (one) => one.getBoundingClientRect().top >= navbar,
  );
  if (element) place = { element, top: element.getBoundingClientRect().top };
}

/** To be called when the change is on the page, before it is painted. */
export function keepPlace(): void {
  if (place?.element.isConnected) {
    // Also where links scroll smoothly, this must not be seen.
    window.scrollBy({ top: place.element.getBoundingClientRect().top - place.top, behavior: 'instant' });
  }
  place = undefined;
}

/** How long the doctor waits for anything outside: a network folder or a firewall may never answer. */
const limitMs = 150;

/** What comes of some work, or `otherwise` when it takes too long or fails. */
export function within<Result, Otherwise>(work: Promise<Result>, otherwise: Otherwise): Promise<Result | Otherwise> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(otherwise), limitMs);
    const settle = (result: Result | Otherwise): void => {
      clearTimeout(timer);
      resolve(result);
    };
    work.then(settle, () => settle(otherwise));
  });
}

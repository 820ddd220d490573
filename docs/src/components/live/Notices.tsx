import styles from './live.module.css';

/** What has happened to the server of this page. At the edge of the window, so that nothing moves. */
export function Notices({ unconnected, builtAnew }: { unconnected: string | undefined; builtAnew: string | undefined }) {
  if (!unconnected && !builtAnew) return null;
  return (
    <aside className={styles.notices} aria-label="Notices">
      {unconnected && <p className={styles.notice}>{unconnected}</p>}
      {builtAnew && (
        <p className={styles.notice}>
          {builtAnew}
          <button type="button" className={styles.button} onClick={() => window.location.reload()}>
            Load again
          </button>
        </p>
      )}
    </aside>
  );
}

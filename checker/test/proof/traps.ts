// The mutants that `npm test` judges: the traps that the exercises were made for, and those that once got past a
// check. `npm run proof` judges every mutant there is, which takes about three times as long.

/** By exercise slug. `undone` is judged always. */
export const traps: Record<string, string[]> = {
  'start-the-machine': ['schema-fails-the-second-time', 'readiness-is-constant', 'readiness-waits-for-ever', 'readiness-forgets-the-error', 'tables-dropped-at-start'],
  'upload-and-show': ['trusts-the-clients-type', 'string-built-sql', 'bytes-as-text', 'no-limit', 'no-owner-check', 'any-known-type', 'one-file-per-name'],
  feed: ['offset', 'cursor-by-time-alone', 'cursor-coarser-than-the-column', 'cursor-looks-up-its-photo', 'ids-in-the-order-of-text'],
  likes: ['read-modify-write', 'no-unique-key', 'toggle', 'likes-in-memory'],
  page: ['caption-is-markup', 'alt-is-markup', 'escaped-twice', 'no-byline', 'captions-in-a-script'],
  'data-survives': ['row-first', 'acknowledged-before-the-row', 'file-and-row-at-once', 'synchronous-commit-off'],
  'own-machine': ['beside-an-unused-db', 'db-is-unused', 'accounts-in-memory'],
  'address-from-outside': ['known-host', 'known-user', 'known-password', 'default-hides-a-missing-variable'],
  'share-a-pool': ['one-client', 'connection-per-request', 'pool-of-twenty', 'not-released-on-error', 'waits-for-ever', 'max-by-luck', 'leaks-when-deleting'],
  'database-restart': ['connections-in-use-forgotten', 'exits-on-purpose', 'readiness-is-remembered', 'refused-is-a-500'],
  'silent-database': ['no-connect-timeout', 'eight-seconds', 'only-the-feed-has-a-deadline'],
  'any-order': ['no-lock', 'lock-after-the-schema', 'three-tries-in-300-ms', 'skips-when-another-migrates'],
  'least-privilege': ['superuser', 'creates-roles', 'member-of-the-owner', 'reads-everything', 'replicates', 'set-role-on-connect'],
  'two-jobs': ['catch-all-html', 'html-on-500', 'client-knows-the-database', 'api-url-of-machines'],
  'right-origin': ['echo', 'errors-start-anew', 'gate-before-it', 'vary-for-the-page-alone'],
  tokens: ['cookie-beside-the-token', 'any-algorithm', 'nothing-is-revoked', 'last-device-only'],
  'any-address': ['address-of-a-laptop', 'filled-into-the-script'],
  'each-fails-alone': ['storm', 'only-when-it-is-opened'],
  'deploy-alone': ['forgets-the-origin', 'waits-for-client'],
  'many-machines': ['one-machine-a-connection', 'weights-from-a-blog', 'page-talks-past-lb', 'signs-for-others'],
  'no-memory': ['session-not-awaited', 'sticky-by-address', 'token-cannot-be-revoked', 'token-is-cached', 'images-fetched-from-their-machine'],
  'dead-machine': ['eager-health-checks-and-no-retry', 'posts-again', 'refused-posts-fail', 'never-back'],
  'silent-machine': ['asks-only-the-port', 'tries-it-on-people', 'posts-again-after-a-while'],
  deploy: ['exits-at-once', 'closes-at-once', 'ready-while-stopping', 'cuts-what-is-under-way'],
  'who-is-asking': ['counters-in-a-map', 'trusts-every-entry', 'everybody-is-the-balancer', 'counts-by-user-name'],
  stream: ['writes-as-it-comes', 'the-machine-is-not-told', 'slow-readers-are-cut'],
  once: ['looks-first', 'key-in-memory', 'key-first', 'no-key-is-a-key'],
  'let-go-of-bytes': ['signature-without-the-name', 'looks-whether-it-is-there', 'path-signature-unchecked'],
  'may-be-cached': ['scripts-for-a-year-where-they-were', 'etag-of-the-file', 'version-of-the-document'],
  edge: ['no-vary', 'shares-authorization', 'key-without-query', 'keeps-errors', 'a-kept-redirect-is-200', 'public-cookies-are-for-all'],
  near: ['one-address-for-all', 'edge-behind-edge'],
  absorb: ['no-coalescing', 'unbounded-map'],
  outlive: ['page-straight-from-the-folder', 'remembers-failures', 'stale-instead-of-404'],
  'cache-the-feed': ['cached-per-token', 'keys-without-ttl', 'per-process-memory'],
  promise: ['ttl-only', 'late-fill-overwrites', 'invalidates-before-commit', 'version-in-a-second-transaction', 'versions-compared-as-text'],
  stampede: ['no-single-flight', 'lock-without-recheck'],
  'without-cache': ['no-command-timeout', 'sessions-in-the-cache', 'outage-forgotten', 'torn-is-a-500'],
  replica: ['reads-on-primary', 'sessions-on-replica'],
  'own-writes': ['pinned-in-memory', 'everyone-to-the-primary', 'joins-older'],
  'lose-a-machine': ['one-error-kills-both', 'writes-dropped-silently'],
};

/**
 * Exercises with a crowd or a browser in them, which take seconds each. `npm test` judges by them the start, the solution and
 * what is wrong at them; whether they let everything else pass is for the whole proof.
 */
export const slow = [
  'any-address', 'each-fails-alone', 'deploy-alone',
  'dead-machine', 'silent-machine', 'deploy', 'who-is-asking',
  'let-go-of-bytes', 'near', 'absorb', 'outlive',
  'promise', 'stampede', 'without-cache', 'own-writes', 'lose-a-machine',
];

/** Steps that are judged with nothing beside them: other stacks on two cores make a crowd late, and then it judges nobody. */
export const alone = ['04-load-balancer', '05-cdn', '06-cache-replicas'];

/** Alternatives that `npm test` judges by the slow exercises as well: what is different about them is judged there. */
export const alternativesToTheCrowd = ['nginx-balancer', 'haproxy-balancer', 'nginx-edge', 'log-position', 'position-in-session', 'primary-window-in-redis', 'write-through'];

/**
 * By alternative, what only the whole proof judges, because it is right but for once in a hundred times or so. nginx asks nobody for
 * /readyz, and sends requests to a machine up to the moment in which that one closes: a POST may meet it, and is not sent again. A wire
 * makes that moment longer: it has accepted a connection before it knows that the machine accepts no more.
 */
export const onlyInTheWhole: Readonly<Record<string, readonly string[]>> = { 'nginx-balancer': ['deploy'] };

/** Whether the whole table was asked for. */
export const everyMutant = process.env['GRAMINSTA_PROOF'] === 'whole';

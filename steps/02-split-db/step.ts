import { defineStep } from 'checker/step';

export default defineStep({
  number: 2,
  title: 'Split out the database',
  users: '10 users',
  pain: "The database lives and dies with the app's machine: when that is gone, nothing can reach the data.",
  fixed: {
    machines: [
      { name: 'server', hosts: 'the app' },
      { name: 'db', hosts: 'the database and nothing else' },
    ],
    entrances: [
      { name: 'web', machine: 'server', meaning: 'where browsers open the page' },
      { name: 'api', machine: 'server', meaning: 'where programs call the API' },
    ],
    variables: [
      { name: 'HOST', meaning: 'the address to listen on' },
      { name: 'PORT', meaning: 'the port to listen on' },
      { name: 'MACHINE_NAME', meaning: 'the name of the machine, sent as X-Served-By with every answer' },
      { name: 'DATA_DIR', meaning: "a folder on the machine's own disk" },
      { name: 'POOL_MAX', value: '10', meaning: 'how many connections to the database the app may have at a time' },
    ],
    bounds: [
      'The app never has more than POOL_MAX connections to the database.',
      'A request that gets no connection is answered with 503 and Retry-After within 3 s.',
      'Within 3 s after the database is back, requests succeed again, without a restart of the app.',
      'While the database is silent, every request is answered within 5 s.',
    ],
  },
  exercises: [
    {
      slug: 'own-machine',
      title: 'Give the database its own machine',
      kind: 'core',
      minutes: 10,
      files: ['stack.ts', 'src/db.ts'],
      hints: [
        'A socket in a folder is reached by those who share the folder. What reaches from one machine to another?',
        "Make a second machine in stack.ts and let it host Postgres. What machine('db').postgres() returns knows the database's address; hand it to the app as an environment variable.",
        "In stack.ts: const db = machine('db').postgres({ user: 'graminsta', database: 'graminsta' }), and server.node('src/server.ts', { DATABASE_URL: db.url }). In db.ts give the pool connectionString: process.env.DATABASE_URL in place of host, port, user and database.",
      ],
      checked: [
        'The machine db hosts a database, and server hosts none.',
        'server is killed: the database still answers.',
        'A server with an empty disk, started against the same db, knows the users and photos from before.',
      ],
    },
    {
      slug: 'address-from-outside',
      title: 'Take the address from outside',
      kind: 'core',
      minutes: 5,
      files: ['stack.ts', 'src/config.ts', 'src/db.ts'],
      buildsOn: ['own-machine'],
      hints: [
        'Which of host, port, user, password and database does your code still know by heart?',
        'An address has five parts. All of them come from references in stack.ts; the code names none.',
        'db.url holds all five, and pg takes it as connectionString. If you build an address yourself, use `${db.host}:${db.port}/${db.database}` in stack.ts. Read it once, in config.ts, and fail with a clear message when it is missing: a default would hide the mistake.',
      ],
      checked: [
        'db is replaced by a machine with another port, user, password and database name: users and photos land there.',
        'Nothing is written anywhere else.',
      ],
    },
    {
      slug: 'share-a-pool',
      title: 'Share a pool',
      kind: 'core',
      minutes: 15,
      files: ['src/config.ts', 'src/db.ts', 'src/problems.ts'],
      buildsOn: ['own-machine'],
      hints: [
        'Ten connections are busy and the eleventh request arrives. How long does it wait, and who tells its user?',
        'A pool has a size and a patience, and both need a number. A connection that is taken out goes back on every path, the failing ones most of all. And a statement that nobody waits for any more should end in the database too.',
        'Give pg.Pool max: POOL_MAX, connectionTimeoutMillis: 1500 and statement_timeout: 2000. With pool.connect, release in `finally`. Catch what the pool throws in one place, and answer 503 with Retry-After: 1 when it is no mistake in the statement. The first number is the smaller one on purpose: a request that waited in vain is answered before the next connection is free.',
      ],
      checked: [
        'POOL_MAX is 10 and all tables are locked: of 40 requests at once, no more than 10 have a connection.',
        'The other 30 get 503 with Retry-After within 3 s.',
        '200 requests that fail leave no connection behind that cannot be used.',
        'When the lock is gone, 10 requests run side by side.',
      ],
    },
    {
      slug: 'database-restart',
      title: 'Survive a database restart',
      kind: 'core',
      minutes: 15,
      files: ['src/db.ts', 'src/health.ts'],
      buildsOn: ['own-machine'],
      hints: [
        'Look at the last lines of server after db was killed. Which error did nobody handle?',
        "Connections that nobody uses break as well, and there is no request to tell: the pool reports them with an `error` event, and an `error` event without a listener ends a Node process. A request that was under way deserves a 503, and readiness has to be asked anew each time.",
        "Add pool.on('error', …) that logs and does nothing else: pg has removed the connection already. If you use pool.connect, add pool.on('connect', (client) => client.on('error', …)) too. Answer 503 with Retry-After for everything that is not a pg.DatabaseError, and for those whose code begins with 08, 53 or 57. /livez does not ask the database; /readyz runs a query each time.",
      ],
      checked: [
        'db is killed under load: the process on server goes on.',
        'Meanwhile requests that need the database get 503 with Retry-After, /livez 200, and /readyz 503 with the reason.',
        'Within 3 s after db is back, requests succeed and /readyz is 200, without a restart of server.',
      ],
    },
    {
      slug: 'silent-database',
      title: 'Survive a silent database',
      kind: 'extra',
      minutes: 20,
      files: ['src/db.ts'],
      buildsOn: ['own-machine'],
      hints: [
        'A dead machine refuses at once. A silent one says nothing at all. How long does your app listen to it?',
        'Three waits need an end: for a connection, for an answer, and for the next use of a connection that may have died unnoticed. The database cannot keep the second one for you while it is silent. Add the waits up: one request can meet more than one of them.',
        'connectionTimeoutMillis ends the first, query_timeout (pg counts it on this side, unlike statement_timeout) the second, idleTimeoutMillis the third. 1500, 2500 and 2000 ms keep a request below 5 s. A connection whose answer never came must not be used again: client.release(true) closes it.',
      ],
      checked: [
        'The wire to db is cut while its connections stay open: every request is answered within 5 s, those that need the database with 503.',
        '/livez answers 200 all the time.',
        'When the wire is whole again, requests succeed without a restart.',
      ],
    },
    {
      slug: 'any-order',
      title: 'Start in any order',
      kind: 'extra',
      minutes: 20,
      files: ['src/server.ts', 'src/migrate.ts', 'src/db.ts'],
      buildsOn: ['own-machine'],
      hints: [
        'After a power cut all machines start at the same moment. Who says that the database is the first to be ready? And who says that there is one app?',
        'Listen first, say 503 while there is no schema, and try again until there is. `create table if not exists` looks first and creates then: two apps can look at the same moment. Something in the database has to let one of them wait.',
        'Catch the failed migration, wait half a second, try again. Run it on a connection of its own: begin, select pg_advisory_xact_lock(a number of yours), the schema, commit. The lock comes first and goes with the commit. Remember in a variable that it is done, and let requests before that get 503.',
      ],
      checked: [
        'server is started before db: it listens, /livez is 200 and /readyz 503.',
        'When db appears, server becomes ready without a restart.',
        'Two apps are started at once on an empty database: both become ready and neither exits.',
      ],
    },
    {
      slug: 'least-privilege',
      title: 'Least privilege',
      kind: 'extra',
      minutes: 15,
      files: ['stack.ts', 'src/config.ts', 'src/migrate.ts'],
      buildsOn: ['own-machine'],
      hints: [
        'Someone finds a hole in your app and runs SQL of their own. As whom?',
        'Creating tables and serving requests are two jobs for two roles. The owner works for a moment at the start; the app needs to read and change rows.',
        'Give the app two addresses: MIGRATION_DATABASE_URL: db.url and a DATABASE_URL with a user and a password of your own choice at the same host, port and database. In the migration, after the schema: create the role if pg_roles does not have it, `alter role … with login password …` (quote with pg.escapeIdentifier and pg.escapeLiteral), grant select, insert, update, delete on all tables in schema public. End that connection.',
      ],
      checked: [
        "The role that the app's requests run as is no superuser.",
        'It can create neither roles nor databases, and cannot read pg_authid.',
        'The app still does everything that it did.',
      ],
    },
  ],
});

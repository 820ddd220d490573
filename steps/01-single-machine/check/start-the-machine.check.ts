import { exercise, machinesWith, requireStatus, requireThat } from 'checker/check';

const unreadyWithinMs = 3_000;

export default exercise(async ({ description, start }) => {
  const databases = machinesWith(description, 'postgres');
  requireThat(databases.includes('server'), {
    kind: 'wrong stack',
    did: 'stack.ts was read',
    saw: databases.length === 0 ? 'no machine hosts a database' : `the database is on ${databases.join(' and ')}`,
    expected: 'machine "server" hosts a Postgres beside the app',
    why: 'In this step one machine does everything. The app looks for its database there.',
    place: 'stack.ts',
  });

  const app = await start({ unready: true });
  await app.untilReady({ did: 'server was started' });
  const live = await app.visitor().client.send({ url: '/livez' });
  requireStatus(live, 200, { did: 'server was started', why: '/livez tells that the process runs.' });
  const ada = await app.member('ada');

  const postgres = app.machine('server').service('postgres');
  await postgres.process?.pause();
  // No answer is no 503: whoever asks would wait as long as the readiness does.
  await app.untilAnswer('/readyz', (answer) => answer.status === 503, {
    timeoutMs: unreadyWithinMs,
    did: 'The database on server stopped answering, while the app went on',
    expected: `GET /readyz → 503 with the reason, within ${unreadyWithinMs / 1000} s`,
    why: 'The status of /readyz is a promise that the machine can serve now. It has to ask the database at each request; no answer within a limit of its own counts as a no.',
  });
  await postgres.process?.resume();
  await app.untilReady({ did: 'The database on server answers again' });

  const knewHer = await app.database().holds('ada');
  const killed = await app.machine('server').restart();
  requireThat(killed.length === 0, {
    kind: 'did not survive',
    did: 'server was asked to stop (SIGTERM)',
    saw: 'the app still ran after 10 s and had to be killed',
    expected: 'a process that ends when it is asked to',
    why: 'Every deploy asks the running app to end. Code that handles SIGTERM has to end the process itself, or close all that keeps it alive.',
    machine: 'server',
  });
  await app.untilReady({ did: 'server was started again, on the disk it had' });
  ada.client.forgetSession();
  const back = await ada.logsIn();
  const knowsHer = !back.ok && (await app.database().holds('ada'));
  requireStatus(back, [200, 201], {
    also: !knewHer
      ? 'the database did not hold her name before the restart either'
      : `the database held her name before the restart, and ${knowsHer ? 'still does' : 'holds it no more'}`,
    did: 'Ada signed up, server was restarted, and Ada logged in',
    why: knowsHer
      ? 'All that a log-in needs belongs in the database, the password too. What the app keeps in its memory is gone after a restart.'
      : 'What is on the disk survives a restart, and accounts belong there.',
  });
});

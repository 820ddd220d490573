import { clip, exercise, feedIn, likesIn, photoIn, pictures, requireStatus, requireThat, sentences, type RoleSeen } from 'checker/check';

const why = 'Whoever finds a hole in the app can do what its role can do: with a superuser, everything on the machine.';
const whyLogIn = 'The role that a connection logs in as counts. After "set role" the app can go back to it, and a connection that nobody ended can still be used.';

export default exercise(async ({ start }) => {
  const app = await start();
  await app.database('db').forgetStatements();

  const did = 'Ada did all that one can do in Graminsta';
  const told = { did, why: 'The role needs the rights for the work of the app, and no others.' };
  const ada = await app.member('ada');
  requireStatus(await ada.logsIn(), [200, 201], told);
  const { id } = photoIn(await ada.uploads(pictures.png, { caption: 'Mine' }), 201, told);
  feedIn(await ada.feed(), told);
  likesIn(await ada.likes(id), told);
  likesIn(await ada.unlikes(id), told);
  requireStatus(await ada.deletes(id), 204, told);
  requireStatus(await ada.logsOut(), 204, told);

  const roles = await app.database('db').rolesSeen();
  requireThat(roles.length > 0, { did, saw: 'no statement in the database', expected: 'the statements of the app', why, machine: 'db' });
  for (const role of roles) {
    const powers = powersOf(role);
    requireThat(powers.length === 0, {
      did: `${did}, and the database was asked who that was`,
      saw: sentences(`the role "${role.name}", which ${powers.join(' and ')}`, roles.length > 1 ? workOf(role) : undefined),
      expected: 'a role that reads and changes rows, and can do none of this',
      why: roles.length > 1 && role.statements.length === 0 ? whyLogIn : why,
      machine: 'server',
    });
  }
});

/** What a role was needed for: it tells several roles of one app apart. */
function workOf({ statements }: RoleSeen): string {
  if (statements.length === 0) return 'a connection is logged in as it, and no statement ran as it';
  return `as this role ran: ${clip(statements.join(', and '), 100)}`;
}

function powersOf({ superuser, createsRoles, createsDatabases, replicates, readsPasswords, memberOf }: RoleSeen): string[] {
  return [
    superuser ? 'is a superuser' : '',
    createsRoles ? 'can create roles' : '',
    createsDatabases ? 'can create databases' : '',
    replicates && !superuser ? 'can copy the whole server (replication)' : '',
    readsPasswords && !superuser ? 'can read the passwords of all roles (pg_authid, pg_shadow)' : '',
    memberOf.length > 0 && !superuser ? `can become ${memberOf.join(' and ')}` : '',
  ].filter((power) => power !== '');
}

import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PostgresDescription, StackDescription } from '../stack/description.ts';
import { credentialsOf } from '../stack/resolve.ts';
import { composeName } from './names.ts';

export interface Secret {
  /** What Compose calls it, and its file: `db-password` */
  name: string;
  text: string;
}

/** The passwords of a stack's databases. A standby has its primary's. */
export function secretsOf(stack: StackDescription): Secret[] {
  return stack.machines.flatMap(({ name: machine, services }) =>
    services.flatMap((service) =>
      service.kind === 'postgres' && service.replicaOf === undefined
        ? [{ name: `${composeName(stack, { machine, service: service.name })}-password`, text: service.password }]
        : [],
    ),
  );
}

/** The secret with a Postgres's password, as whichever server it comes from. */
export function secretOf(stack: StackDescription, postgres: PostgresDescription): string {
  const primary = credentialsOf(stack, postgres);
  const { name: machine } = stack.machines.find(({ services }) => services.includes(primary))!;
  return `${composeName(stack, { machine, service: primary.name })}-password`;
}

/** Writes each into a file of its own. They are mounted as they are, so the user of the container has to be able to read them. */
export async function writeSecrets(stack: StackDescription, folder: string): Promise<void> {
  const secrets = secretsOf(stack);
  if (secrets.length === 0) return;
  await mkdir(folder, { recursive: true });
  for (const { name, text } of secrets) {
    const file = path.join(folder, name);
    await writeFile(file, text);
    await chmod(file, 0o644);
  }
}

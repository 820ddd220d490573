// Graminsta as step 4 left it: a database with photos in it, whose images are rows.

import { distinct, pictures, picture, type App, type Picture } from 'checker/check';

/** What schema.sql of step 4 made, as far as people and photos need it. */
const schema = `
  create table if not exists users (
    id bigint generated always as identity primary key,
    username text not null,
    password_hash text not null
  );
  create unique index if not exists users_username on users (lower(username));
  create table if not exists photos (
    id bigint generated always as identity primary key,
    user_id bigint not null references users,
    caption text not null,
    image text not null,
    created_at timestamptz(3) not null default now(),
    idempotency_key text
  );
  create index if not exists photos_newest_first on photos (created_at desc, id desc);
  create unique index if not exists photos_once on photos (user_id, idempotency_key);
  create table if not exists likes (
    photo_id bigint not null references photos on delete cascade,
    user_id bigint not null references users,
    primary key (photo_id, user_id)
  );
  create table if not exists images (
    name text primary key,
    bytes bytea not null
  );
  create table if not exists sessions (
    token_hash bytea primary key,
    user_id bigint not null references users,
    expires_at timestamptz not null
  );
  create table if not exists log_ins (
    address text primary key,
    due_at timestamptz not null
  )`;

export interface OldPhoto {
  id: string;
  caption: string;
  picture: Picture;
}

/**
 * Puts photos into a database that no program of this step has seen yet: what is done to the schema of step 4 when the programs
 * start is the learner's choice, and is done to these photos too.
 */
export async function photosFromStep4(app: App): Promise<OldPhoto[]> {
  const photos: Omit<OldPhoto, 'id'>[] = [
    { caption: 'From before, small', picture: distinct(pictures.gif, 'posted in step 4') },
    { caption: 'From before, large', picture: picture('larger.jpg') },
  ];
  const database = app.database();
  // The schema belongs to whom stack.ts says, and not to us.
  await database.query(`SET ROLE "${ownerOf(app)}"`);
  await database.query(schema);
  const [user] = await database.query<{ id: string }>("insert into users (username, password_hash) values ('grace', 'of step 4') returning id");
  const ids: string[] = [];
  for (const [index, { caption, picture: { fileName, bytes } }] of photos.entries()) {
    const name = `5f3d6c1e-0b1f-4c52-9a57-00000000000${index}.${fileName.split('.').at(-1)}`;
    await database.query('insert into images (name, bytes) values ($1, $2)', [name, bytes]);
    const [row] = await database.query<{ id: string }>('insert into photos (user_id, caption, image) values ($1, $2, $3) returning id', [user?.id, caption, name]);
    ids.push(row?.id ?? '');
  }
  await database.query('RESET ROLE');
  return photos.map((photo, index) => ({ ...photo, id: ids[index]! }));
}

/**
 * From now on it is as if this user had posted it in step 4: nobody knows the password of who did.
 * @returns false where the tables are others by now
 */
export async function givePhoto(app: App, { id }: OldPhoto, username: string): Promise<boolean> {
  try {
    const given = await app.database().query(
      'update photos set user_id = (select users.id from users where lower(users.username) = lower($2)) where photos.id = $1 returning photos.id',
      [id, username],
    );
    return given.length === 1;
  } catch {
    return false;
  }
}

function ownerOf(app: App): string {
  const services = app.stack.description.machines.flatMap((machine) => machine.services);
  const owner = services.find((service) => service.kind === 'postgres');
  return owner?.kind === 'postgres' ? owner.user.replaceAll('"', '""') : 'postgres';
}

create table if not exists users (
  id bigint generated always as identity primary key,
  username text not null,
  password_hash text not null
);

-- Ana and ana are the same person.
create unique index if not exists users_username on users (lower(username));

create table if not exists photos (
  id bigint generated always as identity primary key,
  user_id bigint not null references users,
  caption text not null,
  -- The name of the image.
  image text not null,
  -- Milliseconds, because that is what a Date in JavaScript can hold.
  created_at timestamptz(3) not null default now()
);

create index if not exists photos_newest_first on photos (created_at desc, id desc);

-- #region likes
create table if not exists likes (
  photo_id bigint not null references photos on delete cascade,
  user_id bigint not null references users,
  primary key (photo_id, user_id)
);
-- #endregion

-- #region shared
-- What any API machine must find, whichever of them wrote it.
create table if not exists images (
  name text primary key,
  bytes bytea not null
);

create table if not exists sessions (
  -- A hash: who reads this table gets no token that works.
  token_hash bytea primary key,
  user_id bigint not null references users,
  expires_at timestamptz not null
);
-- #endregion

-- #region pace
-- One row an address: when its next log-in would be due, if it kept to the pace. Each address is one visitor here; who serves
-- IPv6 counts networks (/64), because there every household has more addresses than it could ever use.
create table if not exists log_ins (
  address text primary key,
  due_at timestamptz not null
);
-- #endregion

-- #region idempotency
-- The key that a client gave an upload, so that the same one is not stored twice. Photos without a key keep nobody out: a null
-- equals no other. Machines start while others serve, and `alter table` makes readers and writers wait, even with
-- `if not exists`: so it is run where there is something to alter. (`create index` makes writers wait, for these milliseconds.)
do $$
begin
  if not exists (select from pg_attribute where attrelid = 'photos'::regclass and attname = 'idempotency_key') then
    alter table photos add column idempotency_key text;
  end if;
end
$$;
create unique index if not exists photos_once on photos (user_id, idempotency_key);
-- #endregion

-- #region uploads
-- Images that storage may hold and that are no photo yet. One that becomes a photo leaves this table in the same statement.
create table if not exists uploads (
  -- The name of the image.
  image text primary key,
  -- Who may make a photo of it; nobody, when it was one and is to be deleted.
  user_id bigint references users,
  created_at timestamptz not null default now()
);

-- One upload makes one photo. Images that came before this step, and their photos, stay as they are.
create unique index if not exists photos_image on photos (image);
-- #endregion

-- #region version
-- The version of all that people are shown, in one row: whoever knows which version they have seen can tell whether another answer is
-- older. It is raised by the database, for whoever changes something and by whatever program. Everybody who changes something
-- waits for this row, so changes become visible in the order of their versions, on the primary and on every replica:
-- who sees version 7 sees all that was done up to 7, and nothing of 8. That waiting is the price: changes are made one after
-- the other, each when the one before is on the disk.
create table if not exists feed_version (
  is_only boolean primary key default true check (is_only),
  version bigint not null,
  -- Who raised it last, so that it is raised once by each transaction: with a photo go all its likes, perhaps thousands.
  raised_by xid8
);
insert into feed_version (version) values (0) on conflict do nothing;
-- #endregion

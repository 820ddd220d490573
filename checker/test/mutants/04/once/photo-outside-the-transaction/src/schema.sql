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

create table if not exists likes (
  photo_id bigint not null references photos on delete cascade,
  user_id bigint not null references users,
  primary key (photo_id, user_id)
);

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

-- One row an address: when its next log-in would be due, if it kept to the pace. Each address is one visitor here; who serves
-- IPv6 counts networks (/64), because there every household has more addresses than it could ever use.
create table if not exists log_ins (
  address text primary key,
  due_at timestamptz not null
);

-- The keys that clients gave their uploads, each with the photo that came of it.
create table if not exists idempotency_keys (
  user_id bigint not null references users,
  key text not null,
  photo_id bigint not null references photos on delete cascade,
  created_at timestamptz not null default now(),
  primary key (user_id, key)
);

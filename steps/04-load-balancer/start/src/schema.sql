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
  -- The name of the image's file.
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

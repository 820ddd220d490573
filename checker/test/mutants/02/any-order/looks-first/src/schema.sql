-- Mutant: whoever finds no tables makes them: two can look at the same moment.
create table users (
  id bigint generated always as identity primary key,
  username text not null,
  password_hash text not null
);

-- Ana and ana are the same person.
create unique index users_username on users (lower(username));

create table photos (
  id bigint generated always as identity primary key,
  user_id bigint not null references users,
  caption text not null,
  -- The name of the image's file.
  image text not null,
  -- Milliseconds, because that is what a Date in JavaScript can hold.
  created_at timestamptz(3) not null default now()
);

create index photos_newest_first on photos (created_at desc, id desc);

create table likes (
  photo_id bigint not null references photos on delete cascade,
  user_id bigint not null references users,
  primary key (photo_id, user_id)
);

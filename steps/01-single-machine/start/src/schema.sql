-- Exercise 1.1: the second start finds these tables already there.

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

-- Exercise 1.4: a table of who likes which photo.

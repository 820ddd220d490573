-- Right in another way: likes are a counter that the statement which adds the like raises with it; the feed is
-- ordered by the id alone; the page is written with template strings.

create table if not exists users (
  id bigserial primary key,
  username text not null,
  password_hash text not null
);

create unique index if not exists users_username on users (lower(username));

create table if not exists photos (
  id bigserial primary key,
  user_id bigint not null references users,
  caption text not null,
  image text not null,
  like_count integer not null default 0,
  created_at timestamp not null default (now() at time zone 'utc')
);

create table if not exists likers (
  photo_id bigint not null references photos on delete cascade,
  user_id bigint not null references users,
  unique (photo_id, user_id)
);

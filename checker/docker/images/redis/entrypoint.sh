#!/bin/sh
# Behaves as the entrypoint of the official image: arguments and configuration files go to redis-server, which runs as redis.
set -e
if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then set -- redis-server "$@"; fi
# The official build has protected mode off, and Debian's has it on.
if [ "$1" = redis-server ]; then set -- "$@" --protected-mode no; fi
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
  find . \! -user redis -exec chown redis '{}' +
  exec gosu redis "$@"
fi
exec "$@"

#!/bin/bash
# Behaves as the entrypoint of the official image: the same variables, files, order and rights.
set -Eeo pipefail
shopt -s nullglob

main() {
  if [ "${1:0:1}" = - ]; then set -- postgres "$@"; fi
  if [ "${1:-}" = postgres ]; then
    from_file POSTGRES_PASSWORD
    from_file POSTGRES_USER postgres
    from_file POSTGRES_DB "$POSTGRES_USER"
    from_file POSTGRES_INITDB_ARGS
    make_folders
    if [ "$(id -u)" = 0 ]; then exec gosu postgres "$0" "$@"; fi
    if [ -s "$PGDATA/PG_VERSION" ]; then
      printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
    else
      make_database "$@"
    fi
  fi
  exec "$@"
}

# A variable's value; or what the file has that NAME_FILE names, as secrets come; or a default.
from_file() {
  local name=$1 file="$1_FILE" value=${2:-}
  if [ -n "${!name:-}" ] && [ -n "${!file:-}" ]; then
    echo "error: both $name and $file are set (but are exclusive)" >&2
    exit 1
  fi
  if [ -n "${!name:-}" ]; then value=${!name}; elif [ -n "${!file:-}" ]; then value=$(<"${!file}"); fi
  export "$name"="$value"
  unset "$file"
}

# Folders that a volume brought are somebody else's, and root may change that.
make_folders() {
  mkdir -p "$PGDATA" && chmod 00700 "$PGDATA" || :
  mkdir -p /var/run/postgresql && chmod 03775 /var/run/postgresql 2>/dev/null || :
  if [ "$(id -u)" = 0 ]; then find "$PGDATA" /var/run/postgresql \! -user postgres -exec chown postgres '{}' +; fi
}

make_database() {
  local method
  if [ -z "$POSTGRES_PASSWORD" ] && [ "${POSTGRES_HOST_AUTH_METHOD:-}" != trust ]; then
    printf '%s\n' 'Error: Database is uninitialized and superuser password is not specified.' \
      '       You must specify POSTGRES_PASSWORD to a non-empty value for the superuser.' >&2
    exit 1
  fi
  run_initdb
  method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
  export PGPASSWORD=${PGPASSWORD:-$POSTGRES_PASSWORD}
  # Over its socket alone: nobody from outside takes it for the real one.
  PGUSER=$POSTGRES_USER pg_ctl -D "$PGDATA" -o "$(printf '%q ' "${@:2}" -c listen_addresses='' -p "${PGPORT:-5432}")" -w start
  if [ "$POSTGRES_DB" != postgres ]; then
    POSTGRES_DB=postgres sql --set db="$POSTGRES_DB" <<<'CREATE DATABASE :"db" ;'
  fi
  run_files /docker-entrypoint-initdb.d/*
  PGUSER=$POSTGRES_USER pg_ctl -D "$PGDATA" -m fast -w stop
  unset PGPASSWORD
  printf '\nPostgreSQL init process complete; ready for start up.\n\n'
}

# initdb asks for the name of its user, and a number that no user has gets one from a library.
run_initdb() {
  local library waldir=()
  if ! getent passwd "$(id -u)" >/dev/null; then
    library=$(echo /usr/lib/*/libnss_wrapper.so)
    export LD_PRELOAD=$library NSS_WRAPPER_PASSWD=/tmp/passwd NSS_WRAPPER_GROUP=/tmp/group
    printf 'postgres:x:%s:%s:PostgreSQL:%s:/bin/false\n' "$(id -u)" "$(id -g)" "$PGDATA" >"$NSS_WRAPPER_PASSWD"
    printf 'postgres:x:%s:\n' "$(id -g)" >"$NSS_WRAPPER_GROUP"
  fi
  if [ -n "${POSTGRES_INITDB_WALDIR:-}" ]; then waldir=(--waldir="$POSTGRES_INITDB_WALDIR"); fi
  eval 'initdb --username="$POSTGRES_USER" --pwfile=<(printf "%s\n" "$POSTGRES_PASSWORD") "${waldir[@]}" '"$POSTGRES_INITDB_ARGS"
  unset LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
}

run_files() {
  local file
  for file; do
    case $file in
      *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) sql -f "$file" ;;
      *.sql.gz) gunzip -c "$file" | sql ;;
      *) echo "$0: ignoring $file" ;;
    esac
  done
}

sql() { PGHOST='' PGHOSTADDR='' psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" --no-password --dbname "$POSTGRES_DB" "$@"; }

main "$@"

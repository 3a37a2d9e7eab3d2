#!/usr/bin/env bash
# The first process of the tests' own PostgreSQL images. It keeps the contract of the official image: the same variables, the same
# folders, the same order, the same lines on the screen.
set -Eeo pipefail

me=/usr/local/bin/docker-entrypoint.sh
scripts=/docker-entrypoint-initdb.d

stop() { # text
  printf '%s\n' "$1" >&2
  exit 1
}

# VAR or VAR_FILE, never both.
value_of() { # variable, default
  local name=$1 file_name=${1}_FILE
  if [ -n "${!name:-}" ] && [ -n "${!file_name:-}" ]; then
    stop "error: both $name and $file_name are set (but are exclusive)"
  fi
  if [ -n "${!file_name:-}" ]; then
    export "$name=$(<"${!file_name}")"
  else
    export "$name=${!name:-$2}"
  fi
  unset "$file_name"
}

# `postgres --version` and its like print and end: they need no data directory.
only_prints() { # arguments
  local argument
  for argument; do
    case $argument in -'?' | --help | --describe-config | -V | --version | -C) return 0 ;; esac
  done
  return 1
}

make_folders() {
  mkdir -p "$PGDATA"
  # Neither need succeed: the folder may be a mount whose mode cannot be changed, or an image's that another user owns.
  chmod 700 "$PGDATA" || :
  mkdir -p /var/run/postgresql || :
  chmod 3775 /var/run/postgresql || :
  [ -z "${POSTGRES_INITDB_WALDIR:-}" ] || { mkdir -p "$POSTGRES_INITDB_WALDIR" && chmod 700 "$POSTGRES_INITDB_WALDIR"; }
  [ "$(id -u)" = 0 ] || return 0
  find "$PGDATA" /var/run/postgresql ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"} ! -user postgres -exec chown postgres {} +
}

warn_of_trust() {
  cat >&2 <<'END'
********************************************************************************
WARNING: POSTGRES_HOST_AUTH_METHOD has been set to "trust". Whoever reaches the
         port is let in without a password, even if POSTGRES_PASSWORD is set.
********************************************************************************
END
}

refuse_without_password() {
  if [ "$POSTGRES_HOST_AUTH_METHOD" = trust ]; then
    warn_of_trust
    return
  fi
  [ -z "$POSTGRES_PASSWORD" ] || return 0
  stop 'Error: Database is uninitialized and superuser password is not specified.
       You must specify POSTGRES_PASSWORD to a non-empty value for the
       superuser: docker run -e POSTGRES_PASSWORD=...

       POSTGRES_HOST_AUTH_METHOD=trust does without one, and then anybody who
       reaches the port is let in.'
}

# From 18 on the data has its place below the volume, named after the major: what lies or is mounted at the old places was meant for it.
refuse_old_places() {
  [ "$PGDATA" = "/var/lib/postgresql/$PG_MAJOR/docker" ] || return 0
  local place found=()
  for place in /var/lib/postgresql /var/lib/postgresql/data /var/lib/postgresql/*/docker; do
    [ ! -s "$place/PG_VERSION" ] || found+=("$place")
  done
  if [ ${#found[@]} -eq 0 ] && mountpoint -q /var/lib/postgresql/data; then
    found=('/var/lib/postgresql/data (unused mount/volume)')
  fi
  [ ${#found[@]} -gt 0 ] || return 0
  stop "Error: in 18+, these Docker images are configured to store database data in a
       format which is compatible with \"pg_ctlcluster\" (specifically, using
       major-version-specific directory names).  This better reflects how
       PostgreSQL itself works, and how upgrades are to be performed.

       See also https://github.com/docker-library/postgres/pull/1259

       Counter to that, there appears to be PostgreSQL data in:
$(printf '         %s\n' "${found[@]}")

       Data of an earlier major has to go through \"pg_upgrade\" first.

       For a new container of 18+, place a single mount at /var/lib/postgresql:
       the data then lies in a subdirectory of it."
}

# initdb looks up the name of the user that runs it; an arbitrary --user has none. It gets one for as long as initdb runs.
make_cluster() {
  local wrapper names=''
  if ! getent passwd "$(id -u)" >/dev/null; then
    wrapper=$(find /usr/lib -name libnss_wrapper.so -print -quit)
    [ -n "$wrapper" ] || stop "error: user $(id -u) has no name here, and libnss_wrapper.so is not installed"
    names=$(mktemp -d)
    echo "postgres:x:$(id -u):$(id -g):PostgreSQL:$PGDATA:/bin/false" >"$names/passwd"
    echo "postgres:x:$(id -g):" >"$names/group"
    export LD_PRELOAD=$wrapper NSS_WRAPPER_PASSWD=$names/passwd NSS_WRAPPER_GROUP=$names/group
  fi
  # A piece of a command line, with its quotes.
  eval "set -- $POSTGRES_INITDB_ARGS"
  [ -z "${POSTGRES_INITDB_WALDIR:-}" ] || set -- "$@" --waldir "$POSTGRES_INITDB_WALDIR"
  initdb --username "$POSTGRES_USER" --pwfile <(printf '%s\n' "$POSTGRES_PASSWORD") "$@"
  if [ -n "$names" ]; then
    unset LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
    rm -r "$names"
  fi
}

let_hosts_in() { # arguments of postgres
  local method=$POSTGRES_HOST_AUTH_METHOD
  # What passwords are stored as is what can be asked for; -c password_encryption=md5 may stand among the arguments.
  [ -n "$method" ] || method=$(postgres -C password_encryption "${@:2}")
  {
    echo
    [ "$method" != trust ] || echo '# trust: nobody is asked for a password'
    echo "host all all all $method"
  } >>"$PGDATA/pg_hba.conf"
}

ask() { # arguments of psql
  PGHOST='' PGHOSTADDR='' psql -v ON_ERROR_STOP=1 --no-password --no-psqlrc --username "$POSTGRES_USER" "$@"
}

make_database() {
  local there
  there=$(POSTGRES_DB='' ask --dbname postgres --set name="$POSTGRES_DB" --tuples-only \
    <<<"SELECT 1 FROM pg_database WHERE datname = :'name';")
  [ -z "$there" ] || return 0
  ask --dbname postgres --set name="$POSTGRES_DB" <<<'CREATE DATABASE :"name";'
  echo
}

# A script that may not be run is read into this shell.
run_shell() { # file
  if [ -x "$1" ]; then
    echo "$me: running $1"
    "$1"
  else
    echo "$me: sourcing $1"
    . "$1"
  fi
}

run_scripts() { # files
  local file
  echo
  for file; do
    case $file in
      *.sh) run_shell "$file" ;;
      *.sql)
        echo "$me: running $file"
        ask --dbname "$POSTGRES_DB" --file "$file"
        echo
        ;;
      *.sql.gz)
        echo "$me: running $file"
        gunzip -c "$file" | ask --dbname "$POSTGRES_DB"
        echo
        ;;
      *) echo "$me: ignoring $file" ;;
    esac
    echo
  done
}

# A server that only this container can reach makes the database and runs the scripts.
fill_cluster() { # arguments of postgres
  local arguments
  arguments=$(printf '%q ' "${@:2}" -c listen_addresses= -p "${PGPORT:-5432}")
  export PGPASSWORD=${PGPASSWORD:-$POSTGRES_PASSWORD}
  # pg_ctl asks as this user whether the server is ready.
  NOTIFY_SOCKET='' PGUSER=${PGUSER:-$POSTGRES_USER} pg_ctl -D "$PGDATA" -o "$arguments" -w start
  make_database
  run_scripts "$scripts"/*
  pg_ctl -D "$PGDATA" -m fast -w stop
  unset PGPASSWORD
}

[ "${1:0:1}" != - ] || set -- postgres "$@"

if [ "$1" = postgres ] && ! only_prints "$@"; then
  value_of POSTGRES_PASSWORD ''
  value_of POSTGRES_USER postgres
  value_of POSTGRES_DB "$POSTGRES_USER"
  value_of POSTGRES_INITDB_ARGS ''
  : "${POSTGRES_HOST_AUTH_METHOD:=}"
  make_folders
  [ "$(id -u)" != 0 ] || exec gosu postgres "$0" "$@"

  if [ -s "$PGDATA/PG_VERSION" ]; then
    printf '\n%s\n\n' 'PostgreSQL Database directory appears to contain a database; Skipping initialization'
  else
    refuse_without_password
    [ "$PG_MAJOR" -lt 18 ] || refuse_old_places
    # Before anything is made: a folder that cannot be read would stop everything in the middle.
    ls "$scripts"/ >/dev/null
    make_cluster
    let_hosts_in "$@"
    fill_cluster "$@"
    printf '\n%s\n\n' 'PostgreSQL init process complete; ready for start up.'
  fi
fi

exec "$@"

#!/bin/bash
# The solutions of lessons 2 to 10 as plain commands: two servers in containers, the second one cloned from the first, a
# commit that waits for it, and the row on the second one.
# plain-containers.sh FOLDER IMAGE
set -eu
folder=$1 image=$2
volume=/var/lib/postgresql
sql() { docker exec "$1" psql -XAtqw -U postgres -h 127.0.0.1 "${@:2}"; }
until_holds() { until "$@" >/dev/null 2>&1; do sleep 0.05; done; }
run() {
  docker run -d --name "plain-$1" --network plain -p 127.0.0.1::5432 -e POSTGRES_PASSWORD=pw -e POSTGRES_DB="$1" -e PGPASSWORD=pw \
    -v "$folder/$1:$volume" "$image" >/dev/null
  until_holds sql "plain-$1" -c 'SELECT 1'
}

docker network create plain >/dev/null
run master
run slave
sql plain-master -c "CREATE ROLE slave WITH REPLICATION LOGIN PASSWORD 'slave_pass'"
docker exec plain-master sh -c 'echo "host replication slave samenet scram-sha-256" >>$PGDATA/pg_hba.conf'
sql plain-master -c 'SELECT pg_reload_conf()' >/dev/null

docker stop plain-slave >/dev/null
docker run --rm --network plain -v "$folder/slave:$volume" "$image" bash -c "rm -rf \$PGDATA && mkdir \$PGDATA && chown postgres: \$PGDATA && chmod 700 \$PGDATA &&
  exec gosu postgres pg_basebackup -d 'host=plain-master user=slave password=slave_pass application_name=slave1' -D \$PGDATA -R -c fast"
docker start plain-slave >/dev/null
until_holds sql plain-slave -c 'SELECT 1'

sql plain-master -c "ALTER SYSTEM SET synchronous_standby_names = 'slave1'" -c 'SELECT pg_reload_conf()' >/dev/null
until [ "$(sql plain-master -c 'SELECT sync_state FROM pg_stat_replication')" = sync ]; do sleep 0.05; done
sql plain-master -d master -c 'CREATE TABLE visits AS SELECT 1 AS id'
until [ "$(sql plain-slave -d master -c 'SELECT id FROM visits' 2>/dev/null)" = 1 ]; do sleep 0.05; done

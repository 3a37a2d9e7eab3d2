#!/bin/bash
# What the solutions of lessons 2 to 10 come to, as plain commands: a master, a standby cloned from it, a commit that
# waits for the standby, and the row on the standby. Each command is one that a tutorial gives. Nothing here pauses but
# `pg_ctl -w`, which looks ten times a second. One initdb is enough here, while the lessons make two. The servers run on.
# plain-servers.sh FOLDER BINDIR MASTER_PORT SLAVE_PORT
set -eu
cd "$1"
PATH=$2:$PATH master_port=$3 slave_port=$4
trap 'exit 1' INT TERM # between two commands: once this has ended, no server is about to start
export PGPASSWORD=pw
sql() { psql -XAtqw -h 127.0.0.1 -p "$1" -U postgres -d postgres -c "$2"; }

initdb -D master -U postgres -A scram-sha-256 --pwfile=<(echo pw) >/dev/null
cat >>master/postgresql.conf <<CONF
listen_addresses = '127.0.0.1'
port = $master_port
unix_socket_directories = ''
shared_buffers = 16MB # as in a lab
CONF
pg_ctl -w -D master -l master.log start >/dev/null
sql "$master_port" "CREATE ROLE slave WITH REPLICATION LOGIN PASSWORD 'slave_pass'"
echo 'host replication slave 127.0.0.1/32 scram-sha-256' >>master/pg_hba.conf
pg_ctl -D master reload >/dev/null

to_master="host=127.0.0.1 port=$master_port user=slave password=slave_pass application_name=slave1"
pg_basebackup -d "$to_master" -D slave -R -c fast
echo "port = $slave_port" >>slave/postgresql.conf
pg_ctl -w -D slave -l slave.log start >/dev/null

echo "synchronous_standby_names = 'first 1 (slave1)'" >>master/postgresql.conf
pg_ctl -D master reload >/dev/null
until [ "$(sql "$master_port" 'SELECT sync_state FROM pg_stat_replication')" = sync ]; do :; done
sql "$master_port" 'CREATE TABLE visits AS SELECT 1 AS id'
until [ "$(sql "$slave_port" 'SELECT id FROM visits' 2>/dev/null)" = 1 ]; do :; done

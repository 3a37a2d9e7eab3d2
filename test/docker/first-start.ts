/** The output of the official image at a first start with POSTGRES_DB, recorded without what differs between runs. */

const ofServer = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC \[\d+\] (.*)\n/g; // pg_ctl's dots may be before it

/** The log lines of the servers, without times, process ids, versions and figures. */
export const serverLines = (log: string): readonly string[] =>
  [...log.matchAll(ofServer)].map(([, line = '']) => line.replace(/(at|PID|complete:|PostgreSQL) .*/, '$1 …'));

/** The lines of all other programs, with as many dots as pg_ctl prints when it need not wait. */
export const withoutServer = (log: string): string =>
  log.replaceAll(ofServer, '').replaceAll(/(waiting for server to [a-z ]+)\.+/g, '$1...');

/** The lines of initdb, pg_ctl, psql and the entrypoint on stdout. */
export const firstStart = (major: number, data: string): string => {
  const quote = major >= 17 ? '"' : ''; // initdb's quotes
  return `The files belonging to this database system will be owned by user "postgres".
This user must also own the server process.

The database cluster will be initialized with locale "en_US.utf8".
The default database encoding has accordingly been set to "UTF8".
The default text search configuration will be set to "english".

Data page checksums are ${major >= 18 ? 'enabled' : 'disabled'}.

fixing permissions on existing directory ${data} ... ok
creating subdirectories ... ok
selecting dynamic shared memory implementation ... posix
selecting default ${quote}max_connections${quote} ... 100
selecting default ${quote}shared_buffers${quote} ... 128MB
selecting default time zone ... Etc/UTC
creating configuration files ... ok
running bootstrap script ... ok
performing post-bootstrap initialization ... ok
syncing data to disk ... ok


Success. You can now start the database server using:

    pg_ctl -D ${data} -l logfile start

waiting for server to start... done
server started
CREATE DATABASE


/usr/local/bin/docker-entrypoint.sh: ignoring /docker-entrypoint-initdb.d/*

waiting for server to shut down... done
server stopped

PostgreSQL init process complete; ready for start up.

`;
};

/** To the standard error. */
export const warnings = `initdb: warning: enabling "trust" authentication for local connections
initdb: hint: You can change this by editing pg_hba.conf or using the option -A, or --auth-local and --auth-host, the next time you run initdb.
`;

/** The temporary server's lines, which pg_ctl sends to stdout. */
export const temporaryServer = [
  'LOG:  starting PostgreSQL …',
  'LOG:  listening on Unix socket "/var/run/postgresql/.s.PGSQL.5432"',
  'LOG:  database system was shut down at …',
  'LOG:  database system is ready to accept connections',
  'LOG:  received fast shutdown request',
  'LOG:  aborting any active transactions',
  'LOG:  background worker "logical replication launcher" (PID …',
  'LOG:  shutting down',
  'LOG:  checkpoint starting: shutdown immediate',
  'LOG:  checkpoint complete: …',
  'LOG:  database system is shut down',
];

/** To the standard error. */
export const realServer = [
  'LOG:  starting PostgreSQL …',
  'LOG:  listening on IPv4 address "0.0.0.0", port 5432',
  'LOG:  listening on IPv6 address "::", port 5432',
  'LOG:  listening on Unix socket "/var/run/postgresql/.s.PGSQL.5432"',
  'LOG:  database system was shut down at …',
  'LOG:  database system is ready to accept connections',
];

/** The images in the tutorial's steps: a clone by hand, a standby that streams, and the mount that 18 refuses. */
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { dockerAt, startContainer } from './container.ts';
import { imageOf, whyNoImage } from './lab.ts';

const engine = inject('docker');
const socketPath = 'why' in engine ? '' : engine.socketPath;
const docker = dockerAt(socketPath);

describe('containers with folders of the machine', () => {
  let rep: string;
  beforeEach(() => {
    rep = mkdtempSync(join(tmpdir(), 'rw-rep-'));
  });
  afterEach(() => rmSync(rep, { recursive: true }));

  it.for([
    [15, '/var/lib/postgresql/data'],
    [18, '/var/lib/postgresql'],
  ] as const)(
    'a standby of postgres:%i streams from a primary that it knows by name',
    async ([major, volume], { skip }) => {
      if (!imageOf(major)) return skip(whyNoImage(major));
      const image = `postgres:${major}`;
      const network = `rep-${major}`;
      await docker('network', 'create', network);
      await using primary = await startContainer(
        docker,
        ...['--name', `primary-${major}`, '--network', network, '-e', 'POSTGRES_PASSWORD=pw'],
        ...['-v', `${rep}/primary:${volume}`, image],
      );
      await primary.answers();
      await primary.ask("CREATE ROLE replicator WITH REPLICATION LOGIN PASSWORD 'rep_pass'");
      await primary.exec('sh', '-c', 'echo "host replication replicator samenet scram-sha-256" >>$PGDATA/pg_hba.conf');
      await primary.ask('SELECT pg_reload_conf()');
      const conninfo = `host=primary-${major} user=replicator password=rep_pass application_name=standby`;
      const clone = `mkdir -p $PGDATA; chown -R postgres: ${volume}; chmod 700 $PGDATA
      exec gosu postgres pg_basebackup -d '${conninfo}' -D $PGDATA -R -c fast`;
      const into = ['--network', network, '-v', `${rep}/standby:${volume}`];
      expect(await docker('run', '--rm', ...into, image, 'bash', '-c', clone)).toMatchObject({ status: 0 });
      await using standby = await startContainer(docker, ...into, image);
      await standby.answers();
      const streaming = "SELECT application_name || ' ' || state FROM pg_stat_replication";
      await expect.poll(() => primary.ask(streaming), { timeout: 20_000 }).toBe('standby streaming');
      await primary.ask('CREATE TABLE seen AS SELECT 1 AS number');
      await expect.poll(() => standby.ask('SELECT number FROM seen').catch(String), { timeout: 20_000 }).toBe('1');
    },
  );

  it('postgres:18 refuses the mount of earlier majors and leaves it empty', async ({ skip }) => {
    if (!imageOf(18)) return skip(whyNoImage(18));
    const mount = ['-v', `${rep}:/var/lib/postgresql/data`, '-e', 'POSTGRES_PASSWORD=pw'];
    const { status, stdout, stderr } = await docker('run', '--rm', ...mount, 'postgres');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr.split('\n').slice(0, 9)).toEqual([
      'Error: in 18+, these Docker images are configured to store database data in a',
      '       format which is compatible with "pg_ctlcluster" (specifically, using',
      '       major-version-specific directory names).  This better reflects how',
      '       PostgreSQL itself works, and how upgrades are to be performed.',
      '',
      '       See also https://github.com/docker-library/postgres/pull/1259',
      '',
      '       Counter to that, there appears to be PostgreSQL data in:',
      '         /var/lib/postgresql/data (unused mount/volume)',
    ]);
    expect(readdirSync(rep)).toEqual([]);
  });

  it.skipIf(!imageOf(18))(
    'postgres:18 refuses a mount with data of an earlier major (needs an image of PostgreSQL 18)',
    async () => {
      writeFileSync(join(rep, 'PG_VERSION'), '15\n');
      chownSync(rep, 999, 999); // owned by the postgres user of that major's image
      const mount = ['-v', `${rep}:/var/lib/postgresql`, '-e', 'POSTGRES_PASSWORD=pw'];
      const { status, stderr } = await docker('run', '--rm', ...mount, 'postgres:18');
      expect(status).toBe(1);
      expect(stderr).toContain('there appears to be PostgreSQL data in:\n         /var/lib/postgresql\n');
      expect(existsSync(join(rep, '18/docker/PG_VERSION'))).toBe(false);
    },
  );
});

/** A server of our own that reads files which belong to others. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { asOwner, output } from './processes.ts';
import { connect, limitMs, no, open, rowOf, type Truth } from './sessions.ts';

export type Probe = AsyncDisposable & {
  withRules(
    data: string,
    user: string,
    groups: readonly string[],
    ask: (port: number) => Promise<Truth>,
  ): Promise<Truth>;
};

const ownFiles = /^(postgresql|postgresql\.auto)\.conf$|^PG_VERSION$|^postmaster\.|^current_logfiles$|signal$|^backup_/;

export async function openProbe(bindir: string, owner: string, password: string): Promise<Probe> {
  const dir = mkdtempSync(join(tmpdir(), 'probe-'));
  const { uid, gid } = statSync(owner);
  const byOwner = (argv: readonly string[]) => output(asOwner({ uid, gid }, argv), '/');
  const data = join(dir, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (process.getuid?.() === 0) for (const path of [dir, data]) execFileSync('chown', [`${uid}:${gid}`, path]);
  const port = await freePort();
  const made = asMaker(dir, gid, [join(bindir, 'initdb'), '-D', data, '-U', 'postgres', '--no-sync', '-A', 'trust']);
  if (made.status !== 0) throw new Error(made.out);
  if (process.getuid?.() === 0) execFileSync('chown', ['-R', `${uid}:${gid}`, dir]);
  const options = `-p ${port} -c unix_socket_directories=${dir} -c listen_addresses=127.0.0.1 -c fsync=off`;
  const started = byOwner([join(bindir, 'pg_ctl'), '-D', data, '-w', '-l', join(dir, 'log'), '-o', options, 'start']);
  if (started.status !== 0) throw new Error(started.out);
  // This session stays: the rules of others may let nobody in over the socket.
  const client = await connect({ host: dir, port, user: 'postgres', database: 'postgres' });
  if (!(client instanceof pg.Client)) throw client;
  return {
    async withRules(from, user, groups, ask) {
      await client.query(`DROP ROLE IF EXISTS ${user}`);
      await client.query(`CREATE ROLE ${user} LOGIN REPLICATION PASSWORD '${password}'`);
      for (const group of groups) {
        await client.query(`DROP ROLE IF EXISTS "${group}"`);
        await client.query(`CREATE ROLE "${group}" ROLE ${user}`);
      }
      rmSync(join(data, 'pg_hba.conf'), { force: true });
      try {
        for (const name of readdirSync(from).filter((one) => !ownFiles.test(one))) {
          const path = join(from, name);
          if (!lstatSync(path).isFile() || lstatSync(path).size > 65_536) continue;
          copyFileSync(path, join(data, name));
          if (process.getuid?.() === 0) execFileSync('chown', ['--reference', path, join(data, name)]);
          execFileSync('chmod', ['--reference', path, join(data, name)]);
        }
      } catch (error) {
        return open(String(error));
      }
      try {
        const { all, bad } = await rowOf(
          client,
          'SELECT count(*)::int AS all, count(error)::int AS bad FROM pg_hba_file_rules',
        );
        if (Number(bad) > 0 || Number(all) === 0) return no('the server refuses the file');
      } catch (error) {
        return no(String(error));
      }
      const before = readFileSync(join(dir, 'log'), 'utf8').length;
      await client.query('SELECT pg_reload_conf()');
      const isRead = () => readFileSync(join(dir, 'log'), 'utf8').slice(before).includes('received SIGHUP');
      for (const end = Date.now() + limitMs; !isRead() && Date.now() < end; ) await new Promise(setImmediate);
      return ask(port);
    },
    async [Symbol.asyncDispose]() {
      await client.end().catch(() => undefined);
      byOwner([join(bindir, 'pg_ctl'), '-D', data, '-m', 'immediate', 'stop']);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** initdb wants a user with a name: nobody, in the group of the servers' user. */
function asMaker(dir: string, gid: number, argv: readonly string[]) {
  if (process.getuid?.() !== 0) return output(argv);
  const uid = Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' }));
  execFileSync('chown', ['-R', `${uid}:${gid}`, dir]);
  const made = output(['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...argv], '/');
  return made;
}

export const freePort = (): Promise<number> =>
  new Promise((found, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => found(typeof address === 'object' && address ? address.port : 0));
    });
  });

/** The slave's own data directory, started as a standby on a copy: does it reach the master, and as whom? */
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './probe.ts';
import { asOwner, output, postmastersIn, type Ran, receiverPorts } from './processes.ts';
import { asked, is, isReached, knock, no, open, type Place, type Truth } from './sessions.ts';

/** A copy of a slave that runs may not start; then nobody can tell. */
export async function trial(place: Place): Promise<Truth> {
  const { data } = place.servers.slave;
  if (!existsSync(join(data, 'PG_VERSION'))) return no('no cluster');
  const isRunning = postmastersIn(data).length > 0;
  // A second standby of that name would confirm the commits that wait for the first.
  const names = await asked(
    place,
    'master',
    async (client) => (await client.query('SHOW synchronous_standby_names')).rows,
  );
  if (isReached(names) || names[0].synchronous_standby_names !== '') return open('commits wait for its name');
  return onCopy(place, async (copy, run) => {
    rmSync(join(copy, 'standby.signal'), { force: true, recursive: true });
    writeFileSync(join(copy, 'standby.signal'), '');
    chownSync(join(copy, 'standby.signal'), place.owner.uid, place.owner.gid);
    const dir = join(copy, '..');
    const options = `-p ${await freePort()} -c unix_socket_directories=${dir} -c fsync=off -c wal_retrieve_retry_interval=100ms`;
    const started = run(['pg_ctl', '-D', copy, '-w', '-t', '5', '-l', join(dir, 'log'), '-o', options, 'start']);
    try {
      if (started.status !== 0 && postmastersIn(copy).length === 0) {
        // What else keeps it from starting is no matter of the setting.
        const { status, out } = run(['postgres', '-D', copy, '-C', 'primary_conninfo']);
        const isRead = isRunning || status === 0;
        return (isRead ? open : no)(`it does not start: ${started.out.trim()} ${out.trim()}`);
      }
      const reached = await ownSender(place, copy, 'slave1');
      const isOver = isRunning || postmastersIn(copy).length === 0; // or it ended for a reason of its own
      return isOver && reached.holds === false ? open(reached.why) : reached;
    } finally {
      run(['pg_ctl', '-D', copy, '-m', 'immediate', 'stop']);
    }
  });
}

/** PostgreSQL's own reading of the port in the files. */
export const portInFiles = async (place: Place): Promise<Truth> =>
  existsSync(join(place.servers.slave.data, 'PG_VERSION'))
    ? onCopy(place, async (copy, run) => {
        const { status, out } = run(['postgres', '-D', copy, '-C', 'port']);
        const said = out.trim().split('\n')[0];
        return is(status === 0 && said === String(place.servers.slave.port), `postgres -C port: ${said}`);
      })
    : no('no cluster');

type Run = (argv: readonly [program: string, ...args: readonly string[]]) => Ran;

/** A copy that belongs to the user who runs servers, as a start would make it. */
async function onCopy(place: Place, ask: (copy: string, run: Run) => Promise<Truth>): Promise<Truth> {
  const dir = mkdtempSync(join(tmpdir(), 'trial-'));
  const copy = join(dir, 'data');
  try {
    execFileSync('cp', ['-a', place.servers.slave.data, copy]);
    rmSync(join(copy, 'postmaster.pid'), { force: true, recursive: true });
    if (process.getuid?.() === 0) execFileSync('chown', ['-R', `${place.owner.uid}:${place.owner.gid}`, dir]);
    return await ask(copy, ([program, ...args]) =>
      output(asOwner(place.owner, [join(place.bindir, program), ...args]), '/'),
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Resolves when the master has the receiver of this data directory under this name, or after a while. */
async function ownSender(place: Place, data: string, name: string): Promise<Truth> {
  const found = await asked(place, 'master', async (client) => {
    for (const end = Date.now() + limitMs; ; ) {
      const { rows } = await client.query('SELECT application_name, client_port, state FROM pg_stat_replication');
      const ports = receiverPorts(data);
      const own = rows.filter(({ client_port }) => ports.includes(Number(client_port)));
      if (own.length > 0 || Date.now() >= end) return own;
    }
  });
  if (isReached(found)) return open('the master cannot be asked');
  if (found.length > 0) return is(found[0].application_name === name, JSON.stringify(found));
  const door = await knock(place, place.servers.master.port, place.password);
  return door === 'in' ? no('nobody comes') : open(`the right password is ${door}`);
}

const limitMs = 2500;

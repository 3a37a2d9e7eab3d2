/** Processes of PostgreSQL as /proc shows them, and programs that are run to their end. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';

export type Owner = { readonly uid: number; readonly gid: number };
export type Ran = { readonly status: number | null; readonly out: string };

const statusOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return ''; // it has ended
  }
};

const parentOf = (pid: string): number => Number(/^PPid:\s+(\d+)/m.exec(statusOf(pid))?.[1] ?? 0);
const pids = (): string[] => readdirSync('/proc').filter((name) => /^\d+$/.test(name));
/** The name of its program; '' when it has ended. */
export const nameOf = (pid: number): string => /^Name:\s+(\S+)/m.exec(statusOf(String(pid)))?.[1] ?? '';
const isPostgres = (pid: string): boolean => /^Name:\s+postgres/m.test(statusOf(pid));

/** PostgreSQL works in its data directory, so the folder of its process tells whose it is. */
function folderOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

/** The postmasters whose data directory is below a folder. */
export const postmastersIn = (dir: string): readonly number[] =>
  pids()
    .filter((pid) => isPostgres(pid) && !isPostgres(String(parentOf(pid))) && `${folderOf(pid)}/`.startsWith(`${dir}/`))
    .map(Number);

export const familyOf = (parent: number): readonly number[] =>
  pids()
    .filter((pid) => parentOf(pid) === parent)
    .map(Number);

/** The title that a server process gives itself: 'postgres: startup recovering …'. */
export const titleOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
};

/** A command line that runs as this user: PostgreSQL refuses root. */
export function asOwner({ uid, gid }: Owner, argv: readonly string[]): readonly string[] {
  if (process.getuid?.() !== 0) return argv;
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...argv];
}

/** Runs a program to its end; its output, whatever its status. */
export function output([command = '', ...args]: readonly string[], cwd?: string): Ran {
  try {
    const out = execFileSync(command, args, {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 20_000,
    });
    return { status: 0, out };
  } catch (error) {
    const { status = null, stdout = '', stderr = '' } = error as { status?: number; stdout?: string; stderr?: string };
    return { status, out: `${stdout}${stderr}` };
  }
}

/** Inodes of a process's sockets. */
function socketsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const link = readlinkSync(`/proc/${pid}/fd/${fd}`);
      return /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? [];
    });
  } catch {
    return []; // it has ended
  }
}

/** The local ports of this network's TCP connections. */
const tcpConnections = (): readonly { readonly port: number; readonly inode: string }[] =>
  ['tcp', 'tcp6'].flatMap((kind) =>
    readFileSync(`/proc/self/net/${kind}`, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .map(([, local = '', , , , , , , , inode = '']) => ({
        port: Number.parseInt(local.split(':')[1] ?? '', 16),
        inode,
      })),
  );

/**
 * The local port of the receiver of the standby in this data directory, from the kernel: its row in
 * pg_stat_replication has that client_port, which is -1 for a Unix socket.
 */
export function receiverPorts(data: string): readonly number[] {
  const receiver = postmastersIn(data)
    .flatMap(familyOf)
    .find((pid) => /walreceiver/.test(titleOf(pid)));
  if (receiver === undefined) return [];
  const inodes = socketsOf(receiver);
  const ports = tcpConnections()
    .filter(({ inode }) => inodes.includes(inode))
    .map(({ port }) => port);
  return ports.length > 0 ? ports : [-1];
}

/** The path itself where there is nothing. */
export const realOf = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
};

/**
 * The processes of this machine as /proc has them; only this file reads there. Source: proc(5). A process may end
 * between two reads, and may be somebody else's: a read that finds nothing says undefined and never throws, so that one
 * process hides no other one. A system without /proc has no processes.
 */
import { readdirSync, readFileSync, readlinkSync, type Stats, statSync } from 'node:fs';

function known<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

const textOf = (pid: number, file: string): string => readFileSync(`/proc/${pid}/${file}`, 'utf8');

/** Of all users. */
export const allPids = (): readonly number[] =>
  known(() => readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []))) ?? [];

/** `state`: a letter, such as T (stopped) or Z (zombie); `started`: clock ticks after boot. */
export const statOf = (pid: number) =>
  known(() => {
    const fields = textOf(pid, 'stat')
      .replace(/^.*\) /s, '') // the name, which may contain spaces and brackets
      .split(' ');
    return { state: fields[0] ?? '', parent: Number(fields[1]), started: fields[19] ?? '' };
  });

/** Empty where the kernel keeps no list of children (proc(5), CONFIG_PROC_CHILDREN). */
export const childrenOf = (pid: number): readonly number[] =>
  known(() => textOf(pid, `task/${pid}/children`).split(' ').filter(Boolean).map(Number)) ?? [];

/** The name of the program, cut after 15 characters. */
export const programNameOf = (pid: number): string | undefined => known(() => textOf(pid, 'comm').trim());

export const argumentsOf = (pid: number): readonly string[] | undefined =>
  known(() => textOf(pid, 'cmdline').split('\0'));

export const environmentOf = (pid: number): readonly string[] | undefined =>
  known(() => textOf(pid, 'environ').split('\0'));

/** The uid in this user namespace. */
export const userOf = (pid: number): number | undefined =>
  known(() => /^Uid:\s+(\d+)/m.exec(textOf(pid, 'status'))?.slice(1).map(Number)[0]);

/** The uid as the owner of the process's files. */
export const ownerOfProcess = (pid: number): number | undefined => known(() => statSync(`/proc/${pid}`).uid);

/** The same text for processes in the same network. */
export const networkOfProcess = (pid: number | 'self'): string | undefined =>
  known(() => readlinkSync(`/proc/${pid}/ns/net`));

/** The path of the current directory, which may be valid only in the mount namespace of the process. */
export const cwdOf = (pid: number): string | undefined => known(() => readlinkSync(`/proc/${pid}/cwd`));

/** `isThere`: `path` names the same folder here. */
export const placeOf = (pid: number) =>
  known(() => {
    const [path, real] = [readlinkSync(`/proc/${pid}/cwd`), statSync(`/proc/${pid}/cwd`)];
    return { path, isDeleted: real.nlink === 0, isThere: isSame(real, statSync(path, { throwIfNoEntry: false })) };
  });

/** Whether this folder is the current directory of the process; false where that cannot be seen. */
export const isAt = (pid: number, folder: string): boolean =>
  known(() => isSame(statSync(`/proc/${pid}/cwd`), statSync(folder, { throwIfNoEntry: false }))) ?? false;

/** Compares device and inode, not paths: a server may see the lab through a mount of its own, under an older path. */
const isSame = (one: Stats, other: Stats | undefined): boolean => one.dev === other?.dev && one.ino === other.ino;

/** The file that the standard error goes to; undefined also when it is no file: a terminal or a pipe. */
export const errorFileOf = (pid: number): string | undefined =>
  known(() => {
    const target = readlinkSync(`/proc/${pid}/fd/2`);
    return statSync(target).isFile() ? target : undefined;
  });

/**
 * The IPv4 TCP ports on which the process listens. Source: proc(5), /proc/net/tcp: state 0A is LISTEN, field 10 is the
 * inode of the socket.
 */
export function listeningPorts(pid: number): readonly number[] {
  const opened = known(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
  const sockets = new Set(
    opened.map((fd) => /^socket:\[(\d+)\]$/.exec(known(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? '')?.[1]),
  );
  const lines = (known(() => textOf(pid, 'net/tcp')) ?? '').split('\n').slice(1);
  return lines.flatMap((line) => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
    return state === '0A' && sockets.has(inode) ? [Number.parseInt(local.split(':')[1] ?? '', 16)] : [];
  });
}

/**
 * Servers held still while their files are copied. What lies on the disk then is what a crash at that moment would leave, and PostgreSQL recovers from
 * that; nobody's session ends, and a commit that waits goes on waiting.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { run } from '../../machine/run.ts';
import { until } from '../../machine/until.ts';
import { ProblemError } from '../../problem.ts';
import { livePostmaster } from './postmaster.ts';

const deadlineMs = 5_000;

/** The result lets them go on; those that somebody else has stopped stay so. */
export async function freezeServers(folders: readonly string[]): Promise<AsyncDisposable> {
  const held: number[] = [];
  const letGo = { [Symbol.asyncDispose]: async () => held.forEach(goOn) };
  try {
    for (const data of folders) {
      const postmaster = livePostmaster(data)?.pid;
      if (postmaster === undefined) continue;
      await hold(held, async () => (await family(postmaster)).filter(({ pid }) => pid === postmaster)); // it starts no more children then
      await hold(held, () => family(postmaster));
    }
    return letGo;
  } catch (error) {
    await letGo[Symbol.asyncDispose]();
    throw error;
  }
}

/** After a program was killed that held them. */
export async function unfreezeServers(folders: readonly string[]): Promise<void> {
  for (const data of folders) {
    const postmaster = livePostmaster(data)?.pid;
    if (postmaster !== undefined) for (const { pid } of await family(postmaster)) goOn(pid);
  }
}

/** A signal takes its time: a process stops when its system call is over. */
async function hold(held: number[], which: () => Promise<readonly Process[]>): Promise<void> {
  const going = (await which()).filter(({ stopped }) => !stopped);
  held.push(...going.map(({ pid }) => pid));
  for (const { pid } of going) signal(pid, 'SIGSTOP');
  if (await until(async () => (await which()).every(({ stopped }) => stopped), { deadlineMs })) return;
  throw new ProblemError({
    what: 'The servers could not be held still for a copy of their files.',
    fix: 'Stop them ("repl-workshop down"), then try again.',
  });
}

const goOn = (pid: number): void => signal(pid, 'SIGCONT');

function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // gone by itself in the meantime
  }
}

type Process = { readonly pid: number; readonly parent: number; readonly stopped: boolean };

/** A postmaster and its children; they have none themselves. */
const family = async (postmaster: number): Promise<readonly Process[]> =>
  (await processes()).filter(({ pid, parent }) => pid === postmaster || parent === postmaster);

async function processes(): Promise<readonly Process[]> {
  if (process.platform !== 'linux') {
    const { stdout } = await run({ command: 'ps', args: ['-A', '-o', 'pid=,ppid=,state='] });
    return stdout.split('\n').map((line) => processOf(line.trim().split(/\s+/)));
  }
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? fromProc(name) : []));
}

function fromProc(pid: string): Process[] {
  try {
    const [, state = '', parent = ''] = /\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return [processOf([pid, parent, state])];
  } catch {
    return []; // just gone
  }
}

/** One that has ended and is not fetched yet does nothing any more. */
const processOf = ([pid, parent, state = '']: readonly string[]): Process => ({
  pid: Number(pid),
  parent: Number(parent),
  stopped: /^[TtZX]/.test(state),
});

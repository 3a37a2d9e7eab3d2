/** The processes of a server: its postmaster and the children of it, which have none themselves. */
import { allPids, statOf } from '../../machine/processes.ts';
import { run } from '../../machine/run.ts';

type Process = {
  readonly pid: number;
  readonly parent: number;
  readonly suspended: boolean; // by SIGSTOP
  readonly stopped: boolean; // suspended, or ended and not reaped yet: it does nothing
};

export const serverProcesses = async (postmaster: number): Promise<readonly Process[]> =>
  (await processes()).filter(({ pid, parent }) => pid === postmaster || parent === postmaster);

/** Does nothing when the process has ended. Throws the system's error without permission. */
export function signalProcess(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function processes(): Promise<readonly Process[]> {
  if (process.platform !== 'linux') {
    const { stdout } = await run({ command: 'ps', args: ['-A', '-o', 'pid=,ppid=,state='] });
    return stdout.split('\n').map((line) => processOf(line.trim().split(/\s+/)));
  }
  return allPids().flatMap((pid) => {
    const stat = statOf(pid);
    return stat ? [processOf([String(pid), String(stat.parent), stat.state])] : [];
  });
}

/** Z: a zombie; X: dead. */
const processOf = ([pid, parent, state = '']: readonly string[]): Process => ({
  pid: Number(pid),
  parent: Number(parent),
  suspended: /^[Tt]/.test(state),
  stopped: /^[TtZX]/.test(state),
});

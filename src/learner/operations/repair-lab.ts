/** Makes the repairs of a lab, one after another. */
import { nextBackup } from '../../lab/backup/backup-folder.ts';
import type { Lab } from '../../lab/lab.ts';
import { changesState, type Repair, repairsOf } from '../../lab/repair/repair.ts';
import type { OperationWatcher } from '../../lesson/step-progress.ts';
import { finishOperation, runOperation, setPending } from './recover.ts';

/** Writes nothing. */
export async function findRepairs(lab: Lab): Promise<readonly Repair[]> {
  const faults = (await lab.repairer?.faults()) ?? { servers: {}, locks: [], astray: [] };
  return repairsOf(await lab.observe(), faults);
}

/** Where files of the learner change, a copy of the state before is kept for undo. */
export function repairLab(
  lab: Lab,
  repairs: readonly Repair[],
  { signal, onWarning }: Pick<OperationWatcher, 'signal' | 'onWarning'>,
): Promise<void> {
  const makeAll = async () => {
    for (const repair of repairs) await make(lab, repair);
  };
  const withCopy = async () => {
    const backup = nextBackup(lab.dir, 'repair');
    setPending(lab, { backup, copied: true, what: 'repair' });
    try {
      await lab.copyAside(backup, 'repair');
      await makeAll();
    } finally {
      await finishOperation(lab, backup, { onWarning });
    }
  };
  return runOperation(lab, repairs.some(changesState) ? withCopy : makeAll, signal);
}

async function make(lab: Lab, repair: Repair): Promise<void> {
  switch (repair.do) {
    case 'unpause':
    case 'start':
      return lab.server(repair.server).start();
    case 'restart':
      await lab.server(repair.server).stop('immediate');
      return lab.server(repair.server).start();
    case 'put aside':
      return void (await lab.server(repair.server).putAside());
    default:
      return lab.repairer?.mend(repair);
  }
}

/** A measurement on the learner's servers, kept in the journal for lesson 12. */

import type { Lab } from '../../lab/lab.ts';
import { withDeedLock } from '../../lab/lock/deed-lock.ts';
import type { Measurement } from '../../lab/measure/measurement.ts';
import { type MeasureWish, measureLab } from '../../lab/measure/measuring.ts';
import { readKept, writeKept } from './kept.ts';

export const measureAndKeep = (lab: Lab, wish: MeasureWish): Promise<Measurement> =>
  withDeedLock(
    lab.dir,
    async () => {
      const made = await measureLab(lab, wish);
      const { kept } = readKept(lab.dir);
      const { journal } = kept;
      writeKept(lab.dir, { ...kept, journal: { ...journal, measurements: [...journal.measurements, made] } }, kept);
      return made;
    },
    wish.signal,
  );

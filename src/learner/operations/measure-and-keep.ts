/** Measures on the learner's servers, and keeps the result in the journal for lesson 12. */
import type { Lab } from '../../lab/lab.ts';
import type { Measurement } from '../../lab/measure/measurement.ts';
import { type MeasureWish, measureLab } from '../../lab/measure/measuring.ts';
import { readLearner, writeLearner } from '../store.ts';
import { runOperation } from './recover.ts';

export const measureAndKeep = (lab: Lab, wish: MeasureWish): Promise<Measurement> =>
  runOperation(
    lab,
    async () => {
      const measurement = await measureLab(lab, wish);
      const { learner } = readLearner(lab.dir);
      const { journal } = learner;
      writeLearner(
        lab.dir,
        { ...learner, journal: { ...journal, measurements: [...journal.measurements, measurement] } },
        learner,
      );
      return measurement;
    },
    wish.signal,
  );

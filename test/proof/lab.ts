/**
 * Real labs for tests: each in its own folder, with servers of the wanted major, stopped and removed at the end. The
 * programs in its bin/ are those of dist/.
 */
import { resolve } from 'node:path';
import { temporaryLab as openTemporaryLab } from '../../src/cli/opening/temporary-lab.ts';
import type { LabWish } from '../../src/lab/folder.ts';

export const program = { node: process.execPath, script: resolve('dist/repl-workshop.cjs') };
export const temporaryLab = (wish: LabWish = {}) => openTemporaryLab(wish, program);

import { mkdirSync } from 'node:fs';
import { cannotWrite } from './store.ts';

/** Also those above it. Throws a ProblemError where it may not be made. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw cannotWrite(folder, error as NodeJS.ErrnoException);
  }
}

/** The lines of test/postgres/lines.txt: for notes that no recorded log has. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Written = { readonly id: string; readonly text: string };

export const written: readonly Written[] = readFileSync(join(import.meta.dirname, 'lines.txt'), 'utf8')
  .split(/^# /m)
  .slice(1)
  .map((part) => {
    const end = part.indexOf('\n');
    return { id: part.slice(0, end), text: `${part.slice(end + 1).trimEnd()}\n` };
  });

import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The wanted path, as 'rep/slave_data.old', or that path with the first number that is free. */
export function freeName(dir: string, wanted: string): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? wanted : `${wanted}.${n}`;
    if (!existsSync(join(dir, name))) return name;
  }
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** 'rep/slave_data.old', or with a number where that one is there already. */
export function freeName(dir: string, wanted: string): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? wanted : `${wanted}.${n}`;
    if (!existsSync(join(dir, name))) return name;
  }
}

/** The recorded server logs in test/postgres/logs. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'logs');

/** `name` is the path without its suffix, as '15/b_no_role.primary'. */
export type RecordedLog = { readonly name: string; readonly text: string };

export const recorded = (name: string): string => readFileSync(join(folder, `${name}.log`), 'utf8');

export const allRecorded = (): readonly RecordedLog[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.log'))
    .sort()
    .map((path) => path.slice(0, -'.log'.length))
    .map((name) => ({ name, text: recorded(name) }));

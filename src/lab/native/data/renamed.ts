/**
 * Repairs a lab whose folder was renamed or copied: its servers' postgresql.conf still names the old folder for
 * sockets, so no server can start.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { directoriesOf, directoryList, parseConf, setConf } from '../../../postgres/conf/conf.ts';
import { readDataFile, writeDataFile } from '../../files/data-files.ts';
import type { ServerPlan } from '../../plan/plan.ts';

const conf = 'postgresql.conf';
const name = 'unix_socket_directories';

/**
 * Puts the lab's own socket folder into postgresql.conf, where the workshop wrote that line; it takes effect at the
 * next start. Resolves with sentences about the change.
 */
export async function followFolder(dir: string, socketDir: string, { data }: ServerPlan): Promise<readonly string[]> {
  const text = await readDataFile(join(dir, data), conf).catch(() => undefined); // a look reports an unreadable file
  if (text === undefined) return [];
  const value = parseConf(text, conf).settings.findLast((setting) => setting.name === name)?.value ?? '';
  const [old, ...more] = directoriesOf(value);
  if (old === undefined || more.length > 0 || old === socketDir || !isOfAnotherPlace(old)) return [];
  await writeDataFile(join(dir, data), conf, setConf(text, name, directoryList([socketDir])));
  return [`This lab was in ${dirname(old)} before: ${name} in ${data}/${conf} is ${socketDir} now.`];
}

/** Whether a run/ is missing or belongs to another lab. Any other folder is the learner's own choice. */
const isOfAnotherPlace = (folder: string): boolean =>
  folder.endsWith('/run') && (!existsSync(folder) || existsSync(join(dirname(folder), 'lab.json')));

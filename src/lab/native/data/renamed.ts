/** A lab's folder that was renamed or copied: its servers' files name the place of before for their sockets, and there no server can start. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { directoriesOf, directoryList, parseConf, setConf } from '../../../postgres/conf/conf.ts';
import { readDataFile, writeDataFile } from '../../files/data-files.ts';
import type { ServerPlan } from '../../plan/plan.ts';

const conf = 'postgresql.conf';
const name = 'unix_socket_directories';

/** Names the lab's own folder again, where the lab has written the line. Says what was changed; a server that runs takes it at its next start. */
export async function followFolder(dir: string, socketDir: string, { data }: ServerPlan): Promise<readonly string[]> {
  const text = await readDataFile(join(dir, data), conf).catch(() => undefined); // a look says what stands there instead
  if (text === undefined) return [];
  const value = parseConf(text, conf).settings.findLast((setting) => setting.name === name)?.value ?? '';
  const [old, ...more] = directoriesOf(value);
  if (old === undefined || more.length > 0 || old === socketDir || !isOfAnotherPlace(old)) return [];
  await writeDataFile(join(dir, data), conf, setConf(text, name, directoryList([socketDir])));
  return [`This lab was in ${dirname(old)} before: ${name} in ${data}/${conf} is ${socketDir} now.`];
}

/** A lab's run/ that is gone, or that of a lab that stands there now. Any other folder is the learner's own choice. */
const isOfAnotherPlace = (folder: string): boolean =>
  folder.endsWith('/run') && (!existsSync(folder) || existsSync(join(dirname(folder), 'lab.json')));

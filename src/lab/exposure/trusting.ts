/**
 * Finds connections for which a server's pg_hba.conf asks no password, using the files and settings of an observation.
 */
import { directoriesOf } from '../../postgres/conf/conf.ts';
import { firstMatch, type HbaConnection } from '../../postgres/hba/hba.ts';
import type { ServerView } from '../observation.ts';
import { isProblem } from '../problem.ts';
import type { Trusting } from './exposure.ts';

/**
 * `isPassed`: can every user enter this folder? pg_hba.conf counts as it is written, loaded or not, because the next
 * reload loads it. A socket is as open as its folder and unix_socket_permissions (default 0777) are.
 */
export function trusting(
  view: ServerView,
  replica: string,
  isPassed: (folder: string) => boolean,
): readonly Trusting[] {
  const { name: server, disk } = view;
  if (isProblem(disk) || !disk.hba || !('rules' in disk.hba)) return [];
  const { rules } = disk.hba;
  const open = isOpenSocket(view) ? socketFolders(view).filter(isPassed) : [];
  const places = [null, ...open];
  return places.flatMap((through) =>
    (['superuser', 'replication'] as const).flatMap((as) => {
      const rule = firstMatch(rules, connection(through, as, replica));
      if (rule?.method !== 'trust') return [];
      return [{ server, as, through, file: rule.file ?? `${disk.path}/pg_hba.conf`, line: rule.line }];
    }),
  );
}

/**
 * A superuser can also copy all databases, but that takes another line of pg_hba.conf, and each line is to be changed.
 */
const connection = (through: string | null, as: Trusting['as'], replica: string): HbaConnection => ({
  kind: through === null ? 'host' : 'local',
  database: 'postgres',
  replication: as === 'replication',
  user: as === 'superuser' ? 'postgres' : replica,
  ...(through === null ? { address: '127.0.0.1' } : {}),
});

const socketFolders = (view: ServerView): readonly string[] =>
  directoriesOf(settingOf(view, 'unix_socket_directories') ?? '/tmp').filter((folder) => folder.startsWith('/'));

const isOpenSocket = (view: ServerView): boolean =>
  (Number.parseInt(settingOf(view, 'unix_socket_permissions') ?? '0777', 8) & 0o002) !== 0; // to connect is to write

/** The value in the running server, otherwise the one in its files. */
function settingOf({ disk, sql }: ServerView, name: string): string | undefined {
  const running = isProblem(sql) ? undefined : sql.settings[name]?.value;
  if (running !== undefined || isProblem(disk)) return running;
  const settings = disk.conf.flatMap((file) => ('settings' in file ? file.settings : []));
  return settings.findLast((setting) => setting.name === name)?.value;
}

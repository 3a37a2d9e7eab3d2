/** Ways into a server for which its pg_hba.conf asks no password, from its files and settings as a look found them. */
import { directoriesOf } from '../../postgres/conf/conf.ts';
import { firstMatch, type HbaConnection } from '../../postgres/hba/hba.ts';
import type { ServerView } from '../observation.ts';
import { isProblem } from '../problem.ts';
import type { Trusting } from './exposure.ts';

/**
 * `isPassed`: may everybody go to this folder? The file counts as it stands, loaded or not: at the next reload it is so. A socket is as open as its
 * folder and unix_socket_permissions are (0777, where nothing is said).
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

/** A superuser can copy all databases, too: but those are lines of their own, and each is to be changed. */
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

/** As the running server has it, else as its files have it. */
function settingOf({ disk, sql }: ServerView, name: string): string | undefined {
  const running = isProblem(sql) ? undefined : sql.settings[name]?.value;
  if (running !== undefined || isProblem(disk)) return running;
  const settings = disk.conf.flatMap((file) => ('settings' in file ? file.settings : []));
  return settings.findLast((setting) => setting.name === name)?.value;
}

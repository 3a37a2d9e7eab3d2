/** Starts that fail because of one setting: PostgreSQL refuses the line, or cannot do what it says. */
import type { Disk, ServerView } from '../../lab/observation.ts';
import { withoutComment } from '../../postgres/conf/conf.ts';
import { maskText } from '../../postgres/mask/mask.ts';
import { startFault, written } from '../setting/settings.ts';
import { commentOut } from '../steps/file-lines.ts';
import { type Failure, fail } from '../verdicts.ts';
import { inFile } from '../view.ts';

/** Messages of a start about the value of one setting, as 13 to 18 word them. */
const aboutSettings: readonly (readonly [RegExp, ...string[]])[] = [
  [/huge pages|could not map anonymous shared memory/i, 'huge_pages', 'shared_buffers'],
  [/superuser_reserved_connections/, 'superuser_reserved_connections', 'max_connections'],
  [/could not translate host name|could not create any TCP\/IP sockets/, 'listen_addresses'],
  [/could not create (lock file|any Unix-domain)|Unix-domain socket path/, 'unix_socket_directories'],
  [/could not load (server certificate|private key) file/, 'ssl'],
  [/could not (access|load|open) (file|library|extension)/, 'shared_preload_libraries'],
  [/data directory "[^"]*" does not exist|could not access directory/, 'data_directory'],
  [/ident file|pg_ident\.conf/, 'ident_file'],
  [/could not (load|open) .*(pg_hba\.conf|hba file)|could not open (configuration )?file/, 'hba_file'],
  [/could not (open|create) log (file|directory)/, 'log_directory'],
  [/could not restore file|restore_command/, 'restore_command'],
  [/multiple recovery targets/, 'recovery_target_time', 'recovery_target_xid'],
  [/max_wal_senders|WAL streaming .*requires/, 'wal_level', 'max_wal_senders'],
];

/** The start failed because of one setting of the files: the line is named, and taken out. */
export function wrongSetting(view: ServerView, disk: Disk, want: string): Failure<'config-error'> | undefined {
  const reason = view.process.reason ?? '';
  const names = aboutSettings.find(([says]) => says.test(reason))?.slice(1) as readonly string[] | undefined;
  const line = names?.map((name) => written(disk, name).at(-1)).find((one) => one !== undefined);
  if (!line) return undefined;
  return fail('config-error', {
    seen: `${view.name} did not start: ${reason}`,
    want,
    why: `that comes of line ${line.line} of ${line.path}: ${maskText(withoutComment(line.text))}`,
    at: inFile(view.name, line.path, line.line),
    next: [...commentOut(view, line.path, line.line), { do: 'start', on: view.name }],
  });
}

/** PostgreSQL says itself that it would not start on these files. */
export function refusedFiles(view: ServerView, disk: Disk, want: string): Failure<'config-error'> | undefined {
  const fault = startFault(view, disk);
  if (!fault || disk.state !== 'cluster') return undefined;
  return fail('config-error', {
    ...fault,
    seen: `${view.name} does not run, and its configuration keeps it from starting: ${fault.seen}`,
    want,
    next: [...fault.next.filter((step) => step.do !== 'reload'), { do: 'start', on: view.name }],
  });
}

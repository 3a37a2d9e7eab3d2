/** Why a server did not start: by its files, and by the last records of its log. */
import type { Disk, Observation, ServerView } from '../../lab/observation.ts';
import type { LogRecord } from '../../postgres/log/log.ts';
import { rebuildSteps } from '../clone/rebuild.ts';
import { written } from '../setting/settings.ts';
import type { Location, Step } from '../verdict.ts';
import { type Failure, fail } from '../verdicts.ts';
import { atLogLine, inFile, othersOf } from '../view.ts';
import { portTaken } from './port-taken.ts';
import { refusedFiles, wrongSetting } from './start-settings.ts';
import {
  cloneAgain,
  type FailedStart,
  largerValue,
  rulesThatAreRead,
  withoutLine,
  withoutLock,
} from './start-steps.ts';
import { otherMajorSteps, wrongFiles } from './wrong-files.ts';

export const crashCauses = [
  'bad-permissions',
  'wrong-owner',
  'other-major',
  'port-taken',
  'config-error',
  'hba-error',
  'lock-file',
  'recovery-conf',
  'recovery-signal',
  'backup-label-lost',
  'incomplete-copy',
  'settings-too-small',
  'crashed',
] as const;
type CrashCause = (typeof crashCauses)[number];
type Crash = Failure<CrashCause>;

/** undefined: its files are right, and no start has failed. */
export function whyItFailed(now: Observation, view: ServerView, disk: Disk, want: string): Crash | undefined {
  const byFiles = wrongFiles(now, view, disk, want) ?? refusedFiles(view, disk, want);
  if (byFiles || view.process.state !== 'failed') return byFiles;
  const { records } = view.log;
  for (const record of records.toReversed()) {
    const known = startFailures.find(({ pattern }) => pattern.test(record.message));
    if (known) return known.diagnose({ now, view, disk, record, before: records[records.indexOf(record) - 1], want });
  }
  const bySetting = wrongSetting(view, disk, want);
  if (bySetting) return bySetting;
  const reason = view.process.reason ?? 'its process ended';
  const record = records.findLast(({ message }) => reason.startsWith(message));
  const docker = view.container && inFile(view.name, view.log.file ?? `docker logs ${view.container.name}`);
  const at = record ? atLogLine(view.name, record) : docker;
  return fail('crashed', {
    seen: `${view.name} is not running: ${reason}`,
    want,
    ...(at ? { at } : {}),
    next: [{ do: 'start', on: view.name }],
  });
}

/** The file tells it before a start does: a copy of a running server has the sign that it runs. */
export function copiedWithLock(
  now: Observation,
  { name, process: { leftPid } }: ServerView,
  disk: Disk,
  want: string,
): Failure<'lock-file'> | undefined {
  const copied = othersOf(now, name).find((other) => leftPid !== undefined && other.process.pid === leftPid);
  return (
    copied &&
    fail('lock-file', {
      seen: `${disk.path} was copied from ${copied.name} while it ran, its postmaster.pid with it (process ${leftPid})`,
      want,
      why: 'postmaster.pid is the sign of a running server: it keeps the copy from starting; and files that were copied while they changed do not fit together',
      at: inFile(name, `${disk.path}/postmaster.pid`),
      next: rebuildSteps(now, name, copied.name),
    })
  );
}

/** Records with which a start fails, from logs of 13 to 18. The newest match wins. */
const startFailures: readonly { readonly pattern: RegExp; readonly diagnose: (start: FailedStart) => Crash }[] = [
  {
    pattern: /^could not bind .*Address already in use/,
    diagnose: (start) => crash('port-taken', start, portTaken(start.view, start.disk)),
  },
  {
    pattern: /^configuration file .* contains errors|requires "?wal_level/,
    diagnose: (start) => {
      const first = (/contains errors/.test(start.record.message) && start.before) || start.record;
      const at = confPlace(start, first);
      return crash(
        'config-error',
        { ...start, record: first },
        {
          seen: `${start.view.name} did not start, because of its configuration: ${shorten(start, first.message)}`,
          why: 'one line that it cannot take, and the server does not start',
          ...(at ? { at } : {}),
          next: [...withoutLine({ ...start, record: first }, at), { do: 'start', on: start.view.name }],
        },
      );
    },
  },
  {
    pattern: /^could not load .*pg_hba\.conf/,
    diagnose: (start) => {
      const { disk, view, before } = start;
      const bad = disk.hba && 'errors' in disk.hba ? disk.hba.errors[0] : undefined;
      const file = bad?.file ?? `${disk.path}/pg_hba.conf`;
      return crash('hba-error', start, {
        seen: `${view.name} did not start, because it cannot read its pg_hba.conf${bad ? `, line ${bad.line}: ${bad.message}` : `: ${shorten(start, (before ?? start.record).message)}`}`,
        why: 'a running server would keep its old rules; a start has no old ones',
        at: inFile(view.name, file, bad?.line),
        next: [...rulesThatAreRead(start, file), { do: 'start', on: view.name }],
      });
    },
  },
  {
    pattern: /has invalid permissions/,
    diagnose: (start) =>
      crash('bad-permissions', start, {
        next: [
          { do: 'chmod', on: start.view.name },
          { do: 'start', on: start.view.name },
        ],
      }),
  },
  {
    pattern: /has wrong ownership|: Permission denied$/,
    diagnose: (start) => {
      const { disk, now, view } = start;
      const [, said] = /could not (?:open|access|read) .*?"([^"]+)"/.exec(shorten(start, start.record.message)) ?? [];
      const file = said?.startsWith('global/') ? `${disk.path}/${said}` : said; // files of its own it names so
      const on = view.name;
      const isMode = now.engine === 'native' && disk.ownedByServer;
      const named = isMode && file?.startsWith(`${disk.path}/`) ? file : undefined;
      return crash('wrong-owner', start, {
        why: 'by its owner or its mode the file is closed to the user who runs servers',
        ...(named ? { at: inFile(on, named) } : {}),
        next: named
          ? [
              { do: 'chmod', on, file: named },
              { do: 'start', on },
            ]
          : [{ do: 'chown', on }],
      });
    },
  },
  {
    pattern: /^database files are incompatible with server/,
    diagnose: (start) => crash('other-major', start, { next: otherMajorSteps(start.now, start.view, start.disk) }),
  },
  {
    pattern: /^lock file .* already exists/,
    diagnose: (start) =>
      crash('lock-file', start, {
        why: 'postmaster.pid is the sign of a running server; copied along with a data directory, it names the server that was copied',
        next: withoutLock(start),
      }),
  },
  {
    pattern: /recovery command file .* is not supported/,
    diagnose: (start) =>
      crash('recovery-conf', start, {
        why: 'recovery.conf ended with PostgreSQL 12; its settings stand in postgresql.conf now, and standby.signal says that it is a standby',
        at: inFile(start.view.name, `${start.disk.path}/recovery.conf`),
        next: [
          { do: 'remove', on: start.view.name, file: 'recovery.conf' },
          { do: 'start', on: start.view.name },
        ],
      }),
  },
  {
    pattern: /^must specify "?restore_command"? when standby mode is not enabled/,
    diagnose: (start) =>
      crash('recovery-signal', start, {
        why: 'recovery.signal asks for a restore from an archive; a standby has standby.signal',
        at: inFile(start.view.name, `${start.disk.path}/recovery.signal`),
        next: [
          { do: 'rename', on: start.view.name, file: 'recovery.signal', to: 'standby.signal' },
          { do: 'start', on: start.view.name },
        ],
      }),
  },
  {
    pattern: /^could not locate (a valid|required) checkpoint record/,
    diagnose: (start) =>
      crash('backup-label-lost', start, {
        why: 'without backup_label and the log that belongs to it, a copy of a running server does not know where it begins',
        next: cloneAgain(start),
      }),
  },
  {
    pattern: /^required WAL directory|could not find the database system/,
    diagnose: (start) =>
      crash('incomplete-copy', start, { why: 'a part of the data directory is missing', next: cloneAgain(start) }),
  },
  {
    pattern: /insufficient parameter settings|is a lower setting than on the/,
    diagnose: (start) =>
      crash('settings-too-small', start, {
        why: `a standby needs at least the primary's values${start.record.detail ? `: ${start.record.detail}` : ''}`,
        next: [...largerValue(start), { do: 'start', on: start.view.name }],
      }),
  },
];

const crash = (
  cause: CrashCause,
  start: FailedStart,
  words: Partial<Crash> & { readonly next: readonly Step[] },
): Crash => {
  const { view, record, want } = start;
  const seen = `${view.name} did not start: ${shorten(start, record.message)}`;
  return fail(cause, { seen, want, at: atLogLine(view.name, record), ...words });
};

/** Reads 'syntax error in file "/…/postgresql.conf" line 12'; the record of a bad value names only the parameter. */
function confPlace(start: FailedStart, { message }: LogRecord): Location | undefined {
  const { view, disk } = start;
  const [, file, line] = /in file "([^"]+)" line (\d+)/.exec(message) ?? [];
  if (file && line) return inFile(view.name, shorten(start, file), Number(line));
  const name = /parameter "([^"]+)"|requires "?(?=wal_level)(\w+)/.exec(message)?.slice(1).find(Boolean);
  const setting = name ? written(disk, name).at(-1) : undefined;
  return setting && inFile(view.name, setting.path, setting.line);
}

/** Makes paths in a message relative to the lab folder. A server in a container writes paths of its container. */
const shorten = ({ view, disk }: Pick<FailedStart, 'view' | 'disk'>, text: string): string =>
  view.container
    ? text.replaceAll(view.container.data, disk.path)
    : text.replaceAll(new RegExp(`/[^"\\s]*/(?=${disk.path}(?:/|"|$))`, 'g'), '');

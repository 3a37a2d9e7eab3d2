/** The check of standby.signal: with this empty file a server starts as a standby. It is read at the start only. */
import type { Disk, Observation, ServerView } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { type Check, defineCheck } from '../check.ts';
import { locationOf, written } from '../setting/settings.ts';
import type { Layer } from '../verdict.ts';
import { type Failure, fail, pass, unknown } from '../verdicts.ts';
import { inFile, viewOf } from '../view.ts';
import { rebuildSteps } from './rebuild.ts';

const signal = 'standby.signal';

export const standbySignal = (server: string, master: string): Check =>
  defineCheck(
    [
      'no-copy-yet',
      'recovery-conf',
      'standby-mode-parameter',
      'signal-in-the-master',
      'started-without-signal',
      'signal-wrong-name',
      'recovery-signal',
      'signal-missing',
    ],
    ({ now }) => {
      const view = viewOf(now, server);
      const { disk } = view;
      if (isProblem(disk)) return unknown(disk);
      const file = `${disk.path}/${signal}`;
      const want = `an empty file ${file}, before ${server} is started`;
      if (disk.state !== 'cluster')
        return fail('no-copy-yet', {
          seen: `${disk.path} holds no copy yet`,
          want,
          at: inFile(server, disk.path),
          next: [{ do: 'say', text: 'clone the master first (lesson 5)' }],
        });
      const found =
        stopsTheStart(server, disk, want) ??
        inTheMaster(now, server, master, want) ??
        ranAsPrimary(now, view, disk, master, want);
      if (found) return found;
      if (disk.signals.includes(signal)) {
        const both = disk.signals.includes('recovery.signal');
        return pass(
          `${file} is there`,
          both ? { warning: 'recovery.signal is there too; standby.signal wins, but the other is not needed' } : {},
        );
      }
      return notThere(server, disk, file, want);
    },
  );

function stopsTheStart(
  server: string,
  disk: Disk,
  want: string,
): Failure<'recovery-conf' | 'standby-mode-parameter'> | undefined {
  if (disk.signals.includes('recovery.conf')) {
    return fail('recovery-conf', {
      seen: `there is a ${disk.path}/recovery.conf`,
      want,
      why: 'that was the way until PostgreSQL 11; a newer server does not start while the file is there',
      at: inFile(server, `${disk.path}/recovery.conf`),
      next: [
        { do: 'remove', on: server, file: 'recovery.conf' },
        { do: 'touch', on: server, file: signal },
      ],
    });
  }
  const old = written(disk, 'standby_mode').at(-1);
  if (!old) return undefined;
  return fail('standby-mode-parameter', {
    seen: `line ${old.line} of ${old.path} says standby_mode`,
    want,
    why: 'that parameter is gone since PostgreSQL 12: the server would not start. The file standby.signal says it now',
    at: locationOf(server, old),
    next: [
      { do: 'edit', on: server, file: old.path, line: old.line, text: `#${old.text.trim()}` },
      { do: 'touch', on: server, file: signal },
    ],
  });
}

function inTheMaster(
  now: Observation,
  server: string,
  master: string,
  want: string,
): Failure<'signal-in-the-master'> | undefined {
  const { disk } = viewOf(now, master);
  if (isProblem(disk) || !disk.signals.includes(signal)) return undefined;
  return fail('signal-in-the-master', {
    seen: `${disk.path}/${signal} is there: that is the data directory of ${master}`,
    want,
    why: `${master} would come up as a standby at its next start, and take no more writes`,
    at: inFile(master, `${disk.path}/${signal}`),
    next: [
      { do: 'remove', on: master, file: signal },
      { do: 'touch', on: server, file: signal },
    ],
  });
}

/** With the file added later the server would stream and never replay, without a message: both are on timeline 1. */
function ranAsPrimary(
  now: Observation,
  view: ServerView,
  disk: Disk,
  master: string,
  want: string,
): Failure<'started-without-signal'> | undefined {
  const masters = viewOf(now, master).disk;
  // A stopped standby is "shut down in recovery"; "shut down", in pg_control or in the log, is what a primary was.
  const wasPrimary =
    disk.control?.state === 'shut down' ||
    view.log.records.some(({ message }) => message.startsWith('database system was shut down at'));
  const labelUsedUp =
    disk.backupLabelOld && !disk.backupLabel && wasPrimary && !(isProblem(masters) || masters.backupLabelOld);
  const runs = !isProblem(view.sql) && !view.sql.inRecovery;
  if (!runs && !labelUsedUp) return undefined;
  return fail('started-without-signal', {
    seen: runs
      ? `${view.name} runs as a primary of its own`
      : `${view.name} was started once without ${signal}, as a primary of its own`,
    want,
    why: `the file is read at the start only, and since then ${view.name} has written a log of its own: it can no longer follow, even with the file`,
    at: inFile(view.name, disk.path),
    ...(runs && disk.signals.includes(signal) ? { layers: readAtStart(view, disk) } : {}),
    next: rebuildSteps(now, view.name, master).filter(({ do: what }) => what !== 'start'),
  });
}

const readAtStart = (view: ServerView, disk: Disk): readonly Layer[] => [
  {
    layer: 'written',
    ok: true,
    seen: `${disk.path}/${signal} is there`,
    at: inFile(view.name, `${disk.path}/${signal}`),
  },
  {
    layer: 'in effect',
    ok: false,
    seen: `${view.name} was started without it, and runs as a primary`,
    at: { server: view.name, view: 'pg_is_in_recovery()', row: { pg_is_in_recovery: false } },
  },
];

function notThere(
  server: string,
  disk: Disk,
  file: string,
  want: string,
): Failure<'signal-wrong-name' | 'recovery-signal' | 'signal-missing'> {
  const near = disk.signals.find((name) => /standby/i.test(name) || /^signal/i.test(name));
  if (near) {
    return fail('signal-wrong-name', {
      seen: `there is a ${disk.path}/${near}`,
      want,
      why: 'the name must be exactly standby.signal; any other file means nothing to PostgreSQL',
      at: inFile(server, `${disk.path}/${near}`),
      next: [{ do: 'rename', on: server, file: near, to: signal }],
    });
  }
  if (disk.signals.includes('recovery.signal')) {
    return fail('recovery-signal', {
      seen: `there is a ${disk.path}/recovery.signal`,
      want,
      why: 'recovery.signal restores from an archive and then ends; standby.signal goes on following',
      at: inFile(server, `${disk.path}/recovery.signal`),
      next: [{ do: 'rename', on: server, file: 'recovery.signal', to: signal }],
    });
  }
  return fail('signal-missing', {
    seen: `there is no ${file}`,
    want,
    why: 'without it the server starts as a primary, whatever its primary_conninfo says',
    at: inFile(server, file),
    next: [{ do: 'touch', on: server, file: signal }],
  });
}

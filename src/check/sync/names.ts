/** The check of synchronous_standby_names: which standbys confirm a commit, not which ones may connect. */
import type { Disk, Observation, ServerView } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { parseSyncNames, syncPriority } from '../../postgres/sync/names.ts';
import { type Check, defineCheck } from '../check.ts';
import { answersOf } from '../server/running.ts';
import {
  commentedOut,
  confFault,
  isAutoConf,
  locationOf,
  mainConf,
  notInEffect,
  type ShadowedLine,
  settingLayers,
  shadowLayers,
  type WrittenSetting,
  written,
  writtenAnew,
} from '../setting/settings.ts';
import type { Step } from '../verdict.ts';
import { type Failure, fail, pass, unknown } from '../verdicts.ts';
import { clock, othersOf, viewOf } from '../view.ts';
import { judgeNames, valueCauses } from './names-value.ts';

export const setting = 'synchronous_standby_names';
/** The setting is written, names the standby, and is loaded by the master. */
export const syncNames = (master: string, applicationName: string): Check =>
  defineCheck(
    [
      'no-answer',
      'conf-error',
      'unknown-parameter',
      'set-on-the-slave',
      'names-commented',
      'not-set',
      'shadowed-by-auto-conf',
      'shadowed-by-a-later-line',
      'not-loaded',
      'reload-refused',
      'command-line-wins',
      ...valueCauses,
    ],
    ({ now }) => {
      const view = viewOf(now, master);
      const { disk } = view;
      if (isProblem(disk)) return unknown(disk);
      const fault = confFault(view, disk) ?? unknownParameter(view, disk, applicationName);
      if (fault) return writtenAnew(fault, setting, rightLine(applicationName));
      const lines = written(disk, setting);
      const last = lines.at(-1);
      const judge = (line: WrittenSetting) => judgeNames(now, master, line.value, applicationName);
      const wrong = last ? judge(last) : undefined;
      const meant =
        !last || last.value === '' || wrong
          ? lines.slice(0, -1).findLast((line) => line.value !== '' && !judge(line))
          : undefined;
      if (last && meant) return shadowed(master, { last, meant });
      if (!last || last.value === '') return notSet(now, view, disk, applicationName, last);
      const want = wantedNames(master, applicationName);
      if (wrong)
        return fail(wrong.cause, {
          seen: `${last.path}, line ${last.line}: ${wrong.seen}`,
          want,
          why: wrong.why,
          at: locationOf(master, last),
          next: writeSteps(master, last.path, applicationName, last.line),
        });
      const sql = answersOf(now, master);
      if ('kind' in sql) return sql;
      const pending = notInEffect(view, sql, setting, last);
      if (pending) return pending;
      const names = parseSyncNames(last.value);
      const quorum = names && 'method' in names && names.method === 'any';
      return pass(
        `${master} waits for ${applicationName}: ${setting} = '${last.value}', loaded ${clock(sql.loadedAt)}`,
        {
          layers: settingLayers(view, sql, setting, last),
          ...(quorum
            ? {
                warning:
                  'ANY is a quorum: any of the named standbys will do, and the view says quorum where FIRST says sync',
              }
            : {}),
        },
      );
    },
  );

const wantedNames = (master: string, name: string): string => `${setting} on ${master} that names ${name}`;

const rightLine = (name: string): string => `${setting} = 'first 1 (${name})'`;

function writeSteps(master: string, file: string | undefined, name: string, line?: number): readonly Step[] {
  const where = line === undefined ? {} : { line };
  return [
    { do: 'edit', on: master, file: file ?? 'postgresql.conf', ...where, text: rightLine(name) },
    { do: 'reload', on: master },
  ];
}

/** Writes the right names where the server reads them last. */
export function namesSteps({ name: master, disk }: ServerView, name: string): readonly Step[] {
  const line = isProblem(disk) ? undefined : written(disk, setting).at(-1);
  return writeSteps(master, line?.path, name, line?.line);
}

/** The same, or a reload alone where the files name the standby already. */
export function namesInEffectSteps(view: ServerView, name: string): readonly Step[] {
  const value = isProblem(view.disk) ? undefined : written(view.disk, setting).at(-1)?.value;
  const names = value === undefined ? null : parseSyncNames(value);
  const isWritten = names !== null && !('message' in names) && syncPriority(names, name) > 0;
  return isWritten ? [{ do: 'reload', on: view.name }] : namesSteps(view, name);
}

/** A name such as the tutorial's `sync_standby_names`: a start fails, and a reload applies nothing of the file. */
function unknownParameter(view: ServerView, disk: Disk, name: string): Failure<'unknown-parameter'> | undefined {
  const line = disk.conf
    .flatMap((file) =>
      'settings' in file ? file.settings.map((one) => ({ ...one, path: file.path, savedAt: file.savedAt })) : [],
    )
    .find((one) => isMeantForIt(one.name));
  if (!line) return undefined;
  return fail('unknown-parameter', {
    seen: `${line.path}, line ${line.line}: PostgreSQL has no parameter ${line.name}`,
    want: wantedNames(view.name, name),
    why: `its name is ${setting}. With a name that it does not know, the server does not start; at a reload it takes nothing of the whole file`,
    at: locationOf(view.name, line),
    next: [
      ...writeSteps(view.name, line.path, name, line.line).slice(0, 1),
      { do: isProblem(view.sql) ? 'start' : 'reload', on: view.name },
    ],
  });
}

/** Wrong names that people write for the setting. `synchronized_standby_slots` is a parameter of 17. */
const isMeantForIt = (name: string): boolean =>
  /^sync\w*standby/.test(name) && name !== setting && name !== 'synchronized_standby_slots';

function notSet(
  now: Observation,
  view: ServerView,
  disk: Disk,
  name: string,
  last: WrittenSetting | undefined,
): Failure<'set-on-the-slave' | 'names-commented' | 'not-set'> {
  const want = wantedNames(view.name, name);
  const comment = commentedOut(disk, setting);
  if (comment && !last)
    return fail('names-commented', {
      seen: `line ${comment.line} of ${comment.path} is a comment: it begins with #`,
      want,
      why: 'what follows a # is not read',
      at: locationOf(view.name, comment),
      next: [
        {
          do: 'edit',
          on: view.name,
          file: comment.path,
          line: comment.line,
          text: judgeNames(now, view.name, comment.value, name) ? rightLine(name) : comment.text.replace(/^[#\s]+/, ''),
        },
        { do: 'reload', on: view.name },
      ],
    });
  for (const other of othersOf(now, view.name)) {
    const line = isProblem(other.disk) ? undefined : written(other.disk, setting).findLast(({ value }) => value !== '');
    if (line)
      return fail('set-on-the-slave', {
        seen: `${setting} stands in ${line.path}, which is ${other.name}'s`,
        want,
        why: 'the one who waits must know: that is the master, where commits are made',
        at: locationOf(other.name, line),
        next: [
          { do: 'edit', on: other.name, file: line.path, line: line.line, text: `#${line.text.trim()}` },
          ...writeSteps(view.name, mainConf(disk), name),
        ],
      });
  }
  return fail('not-set', {
    seen: last ? `${setting} is empty: ${last.path}, line ${last.line}` : `no file of ${view.name} sets ${setting}`,
    want,
    why: 'empty means that no commit waits for anybody',
    at: last ? locationOf(view.name, last) : { server: view.name, file: mainConf(disk) },
    next: writeSteps(view.name, last?.path ?? mainConf(disk), name, last?.line),
  });
}

const shadowed = (
  server: string,
  { last, meant }: ShadowedLine,
): Failure<'shadowed-by-auto-conf' | 'shadowed-by-a-later-line'> =>
  fail(isAutoConf(last) ? 'shadowed-by-auto-conf' : 'shadowed-by-a-later-line', {
    seen: `line ${meant.line} of ${meant.path} is right, but line ${last.line} of ${last.path} counts`,
    want: 'the right line is the last one that is read',
    why: isAutoConf(last)
      ? 'postgresql.auto.conf is read last, and what is read last wins; ALTER SYSTEM writes it'
      : 'if a setting stands there twice, the last line wins',
    at: locationOf(server, last),
    layers: shadowLayers(server, { last, meant }),
    next: isAutoConf(last)
      ? [
          { do: 'sql', on: server, text: `ALTER SYSTEM RESET ${setting}` },
          { do: 'reload', on: server },
        ]
      : [
          { do: 'edit', on: server, file: last.path, line: last.line, text: `#${last.text.trim()}` },
          { do: 'reload', on: server },
        ],
  });

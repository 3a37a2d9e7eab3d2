/** A setting in the configuration files, and its layers in the server: written, loaded, in effect. */
import type { RefusedConf } from '../../lab/look/refused-conf.ts';
import type { Disk, ServerView, Setting, Sql } from '../../lab/observation.ts';
import { type ConfSetting, withoutComment } from '../../postgres/conf/conf.ts';
import { maskSetting, maskText } from '../../postgres/mask/mask.ts';
import { recreateContainerSteps } from '../server/container/recreate.ts';
import { commentOut, readableAgain } from '../steps/file-lines.ts';
import type { Layer, Location, Step } from '../verdict.ts';
import { type Failure, fail } from '../verdicts.ts';
import { clock, inFile, startWithoutOptions } from '../view.ts';

export type WrittenSetting = ConfSetting & { readonly path: string; readonly savedAt: string };

/** Every active line of this setting, in the order in which PostgreSQL reads them: the last one wins. */
export const written = (disk: Disk, name: string): readonly WrittenSetting[] =>
  disk.conf.flatMap((file) =>
    'settings' in file
      ? file.settings
          .filter((setting) => setting.name === name)
          .map((setting) => ({ ...setting, path: file.path, savedAt: file.savedAt }))
      : [],
  );

export const commentedOut = (disk: Disk, name: string): WrittenSetting | undefined =>
  disk.conf
    .flatMap((file) =>
      'commented' in file
        ? file.commented.map((setting) => ({ ...setting, path: file.path, savedAt: file.savedAt }))
        : [],
    )
    .findLast((setting) => setting.name === name && setting.value !== '');

export const locationOf = (server: string, setting: WrittenSetting): Location =>
  inFile(server, setting.path, setting.line);

export const isAutoConf = ({ path }: { readonly path: string }): boolean => path.endsWith('postgresql.auto.conf');

export const mainConf = (disk: Disk): string => `${disk.path}/postgresql.conf`;

/** The place of what PostgreSQL refuses; it names only the parameter where a value is bad. */
function refusedPlace(disk: Disk, { file, line, name }: RefusedConf): { path: string; line: number } | undefined {
  if (file !== undefined && line !== undefined) return { path: file, line };
  const setting = name === undefined ? undefined : written(disk, name).at(-1);
  return setting && { path: setting.path, line: setting.line };
}

/** Why PostgreSQL would refuse these files at a start: as far as their text shows it, else as it says itself. */
export const startFault = (view: ServerView, disk: Disk): Failure<'conf-error'> | undefined =>
  noVersion(view, disk) ?? confFault(view, disk) ?? faultByServer(view, disk);

/** A running server does not need the file; pg_ctl and the next start do. */
function noVersion({ name, container }: ServerView, { path, state, major, control }: Disk) {
  if (state !== 'cluster' || major !== undefined || container) return undefined;
  return fail('conf-error', {
    seen: `${path}/PG_VERSION is gone: pg_ctl takes the folder for no data directory, and ${name} would not start`,
    want: 'the file with the major version in it',
    at: inFile(name, `${path}/PG_VERSION`),
    next: control?.major ? [writeVersion(path, control.major)] : [],
  });
}

/** Only where pg_control says that the files are of this version. */
export const writeVersion = (path: string, major: number): Step => ({
  do: 'run',
  text: `echo ${major} > ${path}/PG_VERSION`,
});

function faultByServer(view: ServerView, disk: Disk): Failure<'conf-error'> | undefined {
  const { name } = view;
  const [refused] = disk.refused ?? [];
  if (!refused) return undefined;
  const place = refusedPlace(disk, refused);
  return fail('conf-error', {
    seen: place
      ? `line ${place.line} of ${place.path} is refused: ${refused.message}`
      : `PostgreSQL refuses the configuration of ${name}: ${refused.message}`,
    want: 'files without a mistake',
    why: 'one line with a mistake is enough: at a start the server gives up, at a reload it takes nothing of the file',
    at: place ? inFile(name, place.path, place.line) : inFile(name, mainConf(disk)),
    next: place
      ? [...commentOut(view, place.path, place.line), { do: 'reload', on: name }]
      : [{ do: 'say', text: `correct the files of ${name}` }],
  });
}

/** Why PostgreSQL would refuse all of these files, as far as their text shows it. */
export const confFault = (view: ServerView, disk: Disk): Failure<'conf-error'> | undefined => confFaults(view, disk)[0];

export const confFaults = (view: ServerView, disk: Disk): readonly Failure<'conf-error'>[] =>
  disk.conf.flatMap((file) =>
    'unreadable' in file
      ? fail('conf-error', {
          seen: `${file.path} cannot be read: ${file.unreadable}`,
          want: 'a file that the server can read',
          at: inFile(view.name, file.path),
          next: [readableAgain(view, file)],
        })
      : [
          ...(file.faults ?? []).map((fault) =>
            fail('conf-error', {
              seen: `line ${fault.line} of ${file.path} cannot be followed: ${fault.what}`,
              want: 'every file that is included is there, and can be read',
              why: 'with one that is missing PostgreSQL refuses all of them: at a start it gives up, at a reload it takes nothing',
              at: inFile(view.name, file.path, fault.line),
              next: commentOut(view, file.path, fault.line),
            }),
          ),
          ...file.errors.map((error) =>
            fail('conf-error', {
              seen: `line ${error.line} of ${file.path} is not understood, ${error.near ? `near "${error.near}"` : 'at the end of the line'}: ${maskText(error.text.trim())}`,
              want: "a name, an equals sign, and a value in single quotes; a quote inside the value is doubled: ''",
              why: 'one line with a mistake is enough: at a start the server gives up, at a reload it takes nothing of the file',
              at: inFile(view.name, file.path, error.line),
              next: commentOut(view, file.path, error.line),
            }),
          ),
        ],
  );

/** The fault of a line that is meant for this setting is mended by the right line. */
export const writtenAnew = <F extends Failure<string>>(fault: F, name: string, text: string): F =>
  fault.seen.toLowerCase().includes(name)
    ? { ...fault, next: fault.next.map((step) => (step.do === 'edit' ? { ...step, text } : step)) }
    : fault;

/** undefined: the server uses the written value, or its default where no line sets one. */
export function notInEffect(
  view: ServerView,
  sql: Sql,
  name: string,
  last: WrittenSetting | undefined,
): Failure<'not-loaded' | 'reload-refused' | 'command-line-wins'> | undefined {
  const setting = sql.settings[name];
  if (!setting || setting.value === (last?.value ?? '')) return undefined;
  const layers = settingLayers(view, sql, name, last);
  const where = last ? { at: locationOf(view.name, last) } : {};
  if (setting.source === 'command line') {
    return fail('command-line-wins', {
      seen: `${view.name} was started with ${name} on its command line; the files are not asked`,
      want: 'a start without that option',
      ...(view.container ? { why: 'what "docker run" was given stays with the container; make it again without' } : {}),
      ...where,
      layers,
      next: view.container ? recreateContainerSteps(view) : startWithoutOptions(view.name),
    });
  }
  const [error] = sql.confErrors;
  if (error) {
    return fail('reload-refused', {
      seen: `${view.name} does not take ${last?.path ?? 'its files'}, because of line ${error.line} (${error.name}): ${error.error}`,
      want: 'files without a mistake',
      why: 'a name that PostgreSQL does not know makes it take nothing of the file, also of the lines that are right',
      at: inFile(view.name, error.file, error.line),
      layers,
      next: [...commentOut(view, error.file, error.line), { do: 'reload', on: view.name }],
    });
  }
  return fail('not-loaded', {
    seen: `${last ? `${last.path} saved ${clock(last.savedAt)}` : `${name} was taken out of the files`}, but ${view.name} last read its files at ${clock(sql.loadedAt)}: it still uses ${quoted(name, setting)}`,
    want: `${view.name} uses what is written`,
    why: setting.pendingRestart
      ? 'this setting is only read at a start'
      : 'a running server reads its files only when it is told to',
    ...where,
    layers,
    next: [{ do: setting.pendingRestart ? 'restart' : 'reload', on: view.name }],
  });
}

export function settingLayers(
  view: ServerView,
  sql: Sql,
  name: string,
  last: WrittenSetting | undefined,
): readonly Layer[] {
  const setting = sql.settings[name];
  const same = setting?.value === (last?.value ?? '');
  const [error] = sql.confErrors;
  const read = { server: view.name, view: 'pg_conf_load_time()', row: { pg_conf_load_time: sql.loadedAt } };
  return [
    last
      ? {
          layer: 'written',
          ok: true,
          seen: `${last.path}, line ${last.line}, saved ${clock(last.savedAt)}`,
          at: locationOf(view.name, last),
        }
      : { layer: 'written', ok: false, seen: `no line for ${name}` },
    {
      layer: 'loaded',
      ok: same || isLoaded(sql, setting, last),
      seen: `${view.name} last read its files at ${clock(sql.loadedAt)}`,
      at: !same && error ? inFile(view.name, error.file, error.line) : read,
    },
    {
      layer: 'in effect',
      ok: same,
      seen: setting ? `${quoted(name, setting)}${setting.pendingRestart ? ', until the next start' : ''}` : 'not known',
      at: { server: view.name, view: 'pg_settings', row: { name, setting: maskSetting(name, setting?.value ?? '') } },
    },
  ];
}

/** Whether the server has read the line, though it uses another value. */
function isLoaded(sql: Sql, setting: Setting | undefined, last: WrittenSetting | undefined): Layer['ok'] {
  if (setting?.pendingRestart || setting?.source === 'command line') return true;
  if (sql.confErrors.length > 0 || (last && last.savedAt > sql.loadedAt)) return false;
  return 'unknown';
}

/** `meant`: a right line; `last`: a line that PostgreSQL reads after it, which therefore wins. */
export type ShadowedLine = { readonly meant: WrittenSetting; readonly last: WrittenSetting };

export const shadowLayers = (server: string, { meant, last }: ShadowedLine): readonly Layer[] => [
  {
    layer: 'written',
    ok: true,
    seen: `${meant.path}, line ${meant.line}, saved ${clock(meant.savedAt)}`,
    at: locationOf(server, meant),
  },
  {
    layer: 'in effect',
    ok: false,
    seen: `${last.path}, line ${last.line}, saved ${clock(last.savedAt)}: ${maskText(withoutComment(last.text))}`,
    at: locationOf(server, last),
  },
];

const quoted = (name: string, setting: Setting): string =>
  setting.value === '' ? 'an empty value' : `'${maskSetting(name, setting.value)}'`;

/** A boolean that is off: 0, or a clear prefix of off, false, no (documentation, "Parameter Names and Values"). */
export const isOff = (value: string | undefined): boolean => /^(of|off|f|fa|fal|fals|false|n|no|0)$/i.test(value ?? '');

/** What commands may not leave: processes, half-made files and folders, half-made states. */
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { incomplete } from '../../../src/lab/backup/backup-folder.ts';
import { bytesIn } from '../../../src/lab/files/disk-usage.ts';
import { isAlive } from '../../../src/lab/lock/alive.ts';
import { readPrepared } from '../../../src/lab/prepared/state.ts';
import { namesIn } from './moments.ts';
import { cacheOf, type Person, started } from './person.ts';

/** Names of temporary files of the workshop, which must not exist when none of its programs runs. */
const passing = /^\.(initdb|ahead|spare)-|\.new$|\.repl-workshop$|\.(making|going)$|^\.making-|^\.(deed|screen)\.lock/;

export function leftovers(who: Person, dir: string): readonly string[] {
  const walk = (folder: string): readonly string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (passing.test(entry.name)) return [path];
      return entry.isDirectory() && !/^(base|pg_wal|global)$/.test(entry.name) ? walk(path) : [];
    });
  const ended = (name: string) => {
    const pid = Number(/^repl-workshop-\d+-(\d+)-/.exec(name)?.[1]);
    return started.has(pid) && !isAlive(pid); // other tests have programs of their own
  };
  return [
    ...walk(dir),
    ...incomplete(dir).map((path) => `half a backup: ${path}`),
    ...namesIn(who.env.TMPDIR ?? '').map((name) => `TMPDIR/${name}`),
    ...namesIn('/tmp')
      .filter(ended)
      .map((name) => `/tmp/${name}`),
  ];
}

/** Processes that work on the lab or on a temporary one, except servers in the lab's data directories; frozen ones. */
export function processFaults(who: Person, dir: string): readonly string[] {
  return namesIn('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const cwd = readlinkSync(`/proc/${pid}/cwd`);
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      if (![dir, who.env.TMPDIR ?? dir].some((place) => cwd.startsWith(place) || command.includes(place))) return [];
      if (/\) T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) return [`frozen: ${pid} ${command} in ${cwd}`];
      return /^\/rep\/(master|slave)_data$/.test(cwd.slice(dir.length)) ? [] : [`runs: ${pid} ${command} in ${cwd}`];
    } catch {
      return []; // the process has ended
    }
  });
}

export function jsonFaults(dir: string): readonly string[] {
  return ['lab', 'progress', 'journal', 'settings', 'starts'].flatMap((name) => {
    const path = join(dir, `${name}.json`);
    if (!existsSync(path)) return name === 'lab' ? ['lab.json is gone'] : [];
    try {
      const { moving, undo } = JSON.parse(readFileSync(path, 'utf8'));
      return name === 'lab' && (moving || undo) ? ['lab.json still has moving or undo'] : [];
    } catch {
      return [`${name}.json is no JSON`];
    }
  });
}

/** What was under way when a program was killed: an operation, a measurement. */
export function pendingIn(dir: string): 'operation' | 'measurement' | undefined {
  const path = join(dir, 'lab.json');
  const { moving, undo } = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  return moving ? 'operation' : undo ? 'measurement' : undefined;
}

/** States of the cache that are not whole, and a spare that is not. */
export function stateFaults(who: Person, dir: string): readonly string[] {
  const cache = cacheOf(who);
  const states = namesIn(cache).filter((name) => !isPassing(cache, name));
  const spare = join(dir, '.spare');
  return [
    ...states.flatMap((name) => wholeFaults(join(cache, name), name)),
    ...(lstatSync(spare, { throwIfNoEntry: false }) ? wholeFaults(spare) : []),
  ];
}

function wholeFaults(folder: string, key?: string): readonly string[] {
  const state = readPrepared(folder);
  if (!state) return [`${folder} is half a state`];
  if (key !== undefined && state.key !== key) return [`${folder} is the state of ${state.key}`];
  const here = bytesIn(folder) ?? 0;
  const lacks = namesIn(join(folder, 'rep')).filter(
    (data) => !existsSync(join(folder, 'rep', data, 'global/pg_control')),
  );
  return Math.abs(here - state.bytes) > 300_000 + state.bytes / 50 || lacks.length > 0
    ? [`${folder} is not whole: ${here} bytes of ${state.bytes}, without a control file: ${lacks.join(' ')}`]
    : [];
}

/** Half-made, or half removed: state.json is written last, and removed first. */
const isPassing = (cache: string, name: string): boolean =>
  name.startsWith('.') || !existsSync(join(cache, name, 'state.json'));

/** What killed programs have left in the cache, which the next `prepare` has to sweep away. */
export const leftInCache = (who: Person): readonly string[] =>
  namesIn(cacheOf(who))
    .filter((name) => isPassing(cacheOf(who), name))
    .map((name) => `left in the cache: ${name}`);

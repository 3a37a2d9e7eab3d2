/** The moments at which a command is killed. */
import { lstatSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Chosen } from './seeded.ts';

/** `met` is called repeatedly from the start of the command. */
export type Moment = { readonly name: string; readonly met: () => boolean };

const stamp = (path: string): string => {
  const stat = lstatSync(path, { throwIfNoEntry: false, bigint: true });
  return stat ? `${stat.ino} ${stat.ctimeNs}` : '';
};
/** Empty where there is no such folder, or a file. */
export const namesIn = (folder: string): readonly string[] =>
  lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder) : [];

function changes(folder: string, file: string, times: number): Moment {
  let [last, count] = [stamp(join(folder, file)), 0];
  return {
    name: `change ${times} of ${file || basename(folder)}`,
    met() {
      const now = stamp(join(folder, file));
      if (now !== last) count++;
      last = now;
      return count >= times;
    },
  };
}

/** Met when the text that `look` returns has changed so many times. */
function differs(name: string, times: number, look: () => string): Moment {
  let [last, count] = [look(), 0];
  return {
    name: `change ${times} of ${name}`,
    met() {
      const now = look();
      if (now !== last) count++;
      last = now;
      return count >= times;
    },
  };
}

/** After some changes of a file, when a file appears or disappears, or after a time. */
export function moment(
  dir: string,
  cache: string,
  { longestMs, fillsCache }: { readonly longestMs: number; readonly fillsCache: boolean },
  random: () => number,
  choose: Chosen,
): Moment {
  const first = performance.now();
  const ms = Math.round(random() * longestMs);
  const upTo = (most: number) => 1 + Math.floor(random() * most);
  const after = () => ({ name: `${ms} ms`, met: () => performance.now() - first >= ms });
  const below = (folder: string, wanted: (name: string) => boolean) => () =>
    namesIn(join(dir, folder)).filter(wanted).join(' ');
  const lists = (): string =>
    namesIn(join(dir, 'backups'))
      .map((name) => stamp(join(dir, 'backups', name, 'snapshot.json')))
      .join(' ');
  const spares = (): string =>
    [...namesIn(dir).filter((name) => name.startsWith('.spare')), stamp(join(dir, '.spare/rep'))].join(' ');
  const making = (): string =>
    namesIn(cache)
      .filter((name) => name.startsWith('.making'))
      .map((name) => `${name} ${namesIn(join(cache, name, 'rep')).join(' ')} ${stamp(join(cache, name, 'state.json'))}`)
      .join(' ');
  if (fillsCache)
    return choose<() => Moment>([
      after,
      after,
      () => changes(cache, '', upTo(6)),
      () => differs('what is being made in the cache', upTo(4), making),
      () => differs('the spare', upTo(4), spares),
      () => changes(dir, '.deed.lock', upTo(3)),
    ])();
  return choose<() => Moment>([
    after,
    after,
    () => changes(dir, 'lab.json', upTo(3)),
    () => changes(dir, '.deed.lock', upTo(4)),
    () => changes(dir, 'rep', upTo(4)),
    () => changes(dir, 'rep/master_data/postmaster.pid', upTo(3)),
    () => changes(dir, 'rep/slave_data/postmaster.pid', upTo(3)),
    () => changes(dir, 'rep/slave_data/postgresql.auto.conf', 1),
    () => changes(dir, 'progress.json', 1),
    () => changes(dir, 'logs', 1),
    () =>
      differs(
        'backups',
        upTo(4),
        below('backups', () => true),
      ),
    () => differs('backups/*/snapshot.json', upTo(2), lists),
    () => differs('the spare', upTo(4), spares),
    () => changes(dir, 'rep/slave_data/base', 1),
    () => changes(dir, 'rep/slave_data.old', 1),
  ])();
}

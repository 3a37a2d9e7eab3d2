/** The parts of docker's command lines, by what was seen of a server's container. */
import { posix } from 'node:path';
import { dataInside } from '../lab/plan/plan.ts';
import { dockerPlace, type SeenPlan } from '../lab/plan/plan-seen.ts';
import { shellWord } from './shell-word.ts';

/** '"$PWD/rep/master_data"', '/rep/master_data', 'rep_master_data' */
function sourceWord(plan: SeenPlan, on: string): string {
  const { kind, source } = dockerPlace(plan, on);
  return kind === 'volume' || source.startsWith('/') ? shellWord(source) : `"$PWD/${source}"`;
}

/** The argument of `docker run -v`: '"$PWD/rep/master_data":/var/lib/postgresql' */
export const mountWord = (plan: SeenPlan, on: string): string =>
  `${sourceWord(plan, on)}:${shellWord(dockerPlace(plan, on).target)}`;

/** An option and a space, or ''. The shell fills in the learner's ids, so it is right for everybody who types it. */
export function asUser(plan: SeenPlan, on: string): string {
  const { user } = dockerPlace(plan, on);
  if (user === null) return '';
  return user === plan.docker?.user ? '--user "$(id -u):$(id -g)" ' : `--user ${shellWord(user)} `;
}

/** A throw-away container does not have the environment of the server's own. */
const withData = (plan: SeenPlan, on: string): string => {
  const { data } = dockerPlace(plan, on);
  return data === dataInside(plan.major) ? '' : `-e PGDATA=${shellWord(data)} `;
};

/** A shell's script in a throw-away container of the server's image. `options` end with a space. */
export const throwAway = (plan: SeenPlan, on: string, options: string, command: string): string =>
  `docker run --rm ${options}${withData(plan, on)}${dockerPlace(plan, on).image} ${command}`;

/** What frees the place of a data directory. `to`: a path beside it, whose ending says which name is free. */
export function putAsideWords(plan: SeenPlan, on: string, to?: string): string {
  const { kind, source } = dockerPlace(plan, on);
  const ending = /\.\w+$/.exec(to ?? '')?.[0] ?? '.old';
  const aside = `${source}${ending}`;
  if (kind === 'volume')
    return between(plan, on, [source, aside], 'cp -a /from/. /to/ && find /from -mindepth 1 -delete');
  if (!source.startsWith('/')) return `mv ${shellWord(source)} ${shellWord(aside)} && mkdir ${shellWord(source)}`;
  // The folder beside is Docker's or root's; the new one belongs to whom the old one belonged to.
  const [from, into] = [source, aside].map((path) => shellWord(posix.join('/beside', posix.basename(path))));
  const script = `mv ${from} ${into} && mkdir ${from} && chown --reference=${into} ${from}`;
  return throwAway(plan, on, `-v ${shellWord(posix.dirname(source))}:/beside `, `sh -c ${shellWord(script)}`);
}

/** `cp -a` of a data directory to the place of another one. */
export function copyWords(plan: SeenPlan, from: string, to: string): string {
  const places = [from, to].map((name) => dockerPlace(plan, name));
  const [source, target] = places.map((place) => place.source);
  return places.every(({ kind, isOutside }) => kind === 'folder' && !isOutside)
    ? `cp -a ${shellWord(source ?? '')} ${shellWord(target ?? '')}`
    : between(plan, to, [sourceWord(plan, from), sourceWord(plan, to)], 'cp -a /from/. /to/');
}

const between = (plan: SeenPlan, on: string, [from, to]: readonly [string, string], script: string): string =>
  throwAway(plan, on, `-v ${from}:/from -v ${to}:/to `, `sh -c '${script}'`);

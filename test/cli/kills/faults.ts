/** What is wrong with a lab after its commands were killed, had a full disk, or ran at the same time. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Backup, listBackups } from '../../../src/lab/backup/backup-folder.ts';
import { until } from '../../../src/lab/machine/until.ts';
import { type Command, isRemoval } from './commands.ts';
import { jsonFaults, leftInCache, leftovers, pendingIn, processFaults, stateFaults } from './left.ts';
import { begin, cacheOf, type Person, run, type Said } from './person.ts';
import { changed, digestOf, hasNote, holds, rowFaults, type Work } from './work.ts';

/** Snapshots by name: their files, and the work that was in the lab. */
export type Snapshots = Map<string, { readonly digest: string; readonly work: Work | null }>;

export type After = {
  readonly who: Person;
  readonly dir: string;
  readonly commands: readonly Command[]; // that were started since `work` was left
  readonly work: Work;
  readonly said: string; // by commands that were not killed
  readonly snapshots: Snapshots;
  readonly undoes: boolean; // also bring the work back from a step
};

export const isCrash = (text: string): boolean => text.includes("workshop's own. ");

/** What no command may say while the disk has room. */
export const saidFaults = (text: string): readonly string[] =>
  isCrash(text) || text.includes('prepared state could not be used') ? [`it says: ${text}`] : [];

/** The faults after the next command, which finishes or brings back what was under way. */
export async function faults(after: After): Promise<readonly string[]> {
  const { who, dir, commands, work } = after;
  const pending = pendingIn(dir);
  const opened = await run(who, dir, ['up']);
  const found = isCrash(opened.text) ? [`up: ${opened.text}`] : [];
  const isRemoved = commands.some(isRemoval);
  if (!isRemoved) found.push(...outcomeFaults(after, pending, opened.text), ...snapshotFaults(after));
  // Where a killed repair has left something to mend, the servers start after the next one.
  const isBroken = commands.some(({ breaks }) => breaks);
  found.push(...(isBroken ? await repairAgain(after) : upFaults(opened)));
  found.push(
    ...jsonFaults(dir),
    ...leftovers(who, dir).map((path) => `left: ${path}`),
    ...processFaults(who, dir),
    ...stateFaults(who, dir),
    ...(hasNote(dir, work) ? [] : ['notes.txt is not as it was']),
  );
  if (isRemoved) return [...found, ...(await removeAgain(after))];
  if (commands.some(({ fillsCache }) => fillsCache)) found.push(...(await prepareAgain(after)));
  if (holds(dir, work)) return [...found, ...(await rowFaults(who, dir, work, `the row is lost (up: ${opened.text})`))];
  return after.undoes ? [...found, ...(await bringBackFaults(after))] : found;
}

const upFaults = ({ status, text }: Said): readonly string[] => (status === 0 || status === 1 ? [] : [`up: ${text}`]);

async function repairAgain(after: After): Promise<readonly string[]> {
  const { who, dir } = after;
  const pending = pendingIn(dir);
  const { status, text } = await run(who, dir, ['repair', '--yes']);
  const found = [
    ...(status === 0 ? [] : [`repair, again: status ${status}: ${text}`]),
    ...upFaults(await run(who, dir, ['up'])),
    ...outcomeFaults(after, pending, text),
  ];
  const once = await run(who, dir, ['repair', '--yes']);
  return once.text.includes('nothing to repair') ? found : [...found, `something is left to repair: ${once.text}`];
}

async function removeAgain({ who, dir }: After): Promise<readonly string[]> {
  const again = await run(who, dir, ['down', '--remove', '--yes']);
  return [
    ...(again.status === 0 ? [] : [`down --remove, again: ${again.text}`]),
    ...processFaults(who, dir).map((one) => `after its removal ${one}`),
    ...(existsSync(join(dir, '.spare')) ? ['the spare is left after the removal'] : []),
  ];
}

/** The differences to the work in a folder; a command that works in place may change configuration files. */
const differences = ({ commands, work }: After, root: string): readonly string[] =>
  commands.every(({ moves }) => moves) ? changed(root, work) : holds(root, work) ? [] : ['mine.txt or pg_hba.conf'];

const stepWith = (after: After): Backup | undefined =>
  listBackups(after.dir).find(
    ({ kind, path }) => (kind === 'undo' || kind === 'redo') && differences(after, join(after.dir, path)).length === 0,
  );

/** The work is in the lab or in a step, and the sentence of the next command is true. */
function outcomeFaults(after: After, pending: ReturnType<typeof pendingIn>, text: string): readonly string[] {
  const { dir, work, commands, said } = after;
  const here = differences(after, dir);
  const step = stepWith(after);
  const about = `(up: ${text.trim()} | before: ${said.trim().slice(-2000)})`;
  const found: string[] = [];
  if (here.length > 0 && !step)
    found.push(
      holds(dir, work)
        ? `${here.join(', ')} is not as it was, and no step has it ${about}`
        : `what the learner did is lost ${about}`,
    );
  if (pending && !/was interrupted/.test(text)) found.push(`nothing is said about the ${pending} ${about}`);
  if (!pending && /was interrupted/.test(text)) found.push(`an interruption is told, and there was none ${about}`);
  if (commands.length > 1 || !pending) return found;
  if (/as it was before it\.|nothing has changed/.test(text) && here.length > 0)
    found.push(`the lab is not as it was: ${here.join(', ')} ${about}`);
  if (/finished now|brings back what was before it/.test(text) && !step)
    found.push(`no step has what was before ${about}`);
  if (/snapshot is complete/.test(text) && !listBackups(dir).some(({ kind }) => kind === 'named'))
    found.push(`there is no snapshot ${about}`);
  return found;
}

/** Snapshots are there as they were made, or not at all. Notes the new ones. */
function snapshotFaults({ dir, commands, work, snapshots }: After): readonly string[] {
  const named = listBackups(dir).filter(({ kind }) => kind === 'named');
  const does = (what: string, name: string) => commands.some(({ args }) => args[1] === what && args[2] === name);
  const found: string[] = [];
  for (const { about, path } of named) {
    const folder = join(dir, path);
    const known = snapshots.get(about);
    if (known && known.digest !== digestOf(folder) && !does('drop', about))
      found.push(`the files of the snapshot "${about}" have changed`);
    if (known) continue;
    if (!does('save', about)) found.push(`nobody has made the snapshot "${about}"`);
    const differs = changed(folder, work);
    if (commands.length === 1 && differs.length > 0)
      found.push(`the snapshot "${about}" is not what was there: ${differs.join(', ')}`);
    snapshots.set(about, { digest: digestOf(folder), work: differs.length === 0 ? work : null });
  }
  for (const name of [...snapshots.keys()].filter((one) => !named.some(({ about }) => about === one))) {
    if (!does('drop', name)) found.push(`the snapshot "${name}" is gone`);
    snapshots.delete(name);
  }
  return found;
}

/** The next `prepare` sweeps the cache. It ends by itself where one state is missing at most, else by Ctrl-C. */
async function prepareAgain({ who, dir }: After): Promise<readonly string[]> {
  const { child, ended, text } = begin(who, dir, ['prepare']);
  const isPlaying = () => child.exitCode !== null || /^lesson \d+.*\n(.*\n)*lesson/m.test(text());
  await until(isPlaying, { deadlineMs: 120_000 });
  if (child.exitCode === null) child.kill('SIGINT');
  const { status, text: said } = await ended;
  return [
    ...(status === 0 || status === 3 ? [] : [`prepare, again: status ${status}: ${said}`]),
    ...(isCrash(said) ? [`prepare, again: ${said}`] : []),
    ...leftInCache(who),
    ...leftovers(who, dir).map((path) => `left by prepare: ${path}`),
    ...processFaults(who, dir).map((one) => `after prepare ${one}`),
    ...stateFaults(who, dir).map((one) => `after prepare: ${one} (${cacheOf(who)})`),
  ];
}

const mostSteps = 4;

/** Undo or redo really bring back what is in a step. */
async function bringBackFaults(after: After): Promise<readonly string[]> {
  const { who, dir, work, commands } = after;
  const step = stepWith(after);
  if (!step) return []; // reported before
  const said: string[] = [];
  for (let n = 0; n < mostSteps && !holds(dir, work); n++)
    said.push((await run(who, dir, [step.kind, '--yes'])).text.trim().split('\n').slice(-3).join('\n'));
  const differs = differences(after, dir);
  if (differs.length > 0) return [`${step.kind} does not bring it back (${differs.join(', ')}): ${said.join(' | ')}`];
  // The servers of the step may have been stopped by a down beside the other command, or broken.
  if (commands.some(({ breaks }) => breaks)) await run(who, dir, ['repair', '--yes']);
  if (commands.some(({ args, breaks }) => args[0] === 'down' || breaks)) await run(who, dir, ['up']);
  return rowFaults(who, dir, work, `the row is lost after ${step.kind}`);
}

/** A snapshot really brings back what was there when it was made. */
export async function restoreFaults(who: Person, dir: string, name: string, work: Work): Promise<readonly string[]> {
  const said = await run(who, dir, ['snapshot', 'restore', name, '--yes']);
  const differs = changed(dir, work);
  if (said.status !== 0 || differs.length > 0)
    return [`snapshot restore ${name} does not bring it back (${differs.join(', ')}): ${said.text}`];
  return rowFaults(who, dir, work, `the row is lost after snapshot restore ${name}`);
}

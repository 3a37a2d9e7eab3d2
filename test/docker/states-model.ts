/** A lab on Docker for operations and a learner's commands, with the state that each step must bring back. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { listBackups, listSteps, nextBackup } from '../../src/lab/backup/backup-folder.ts';
import type { Lab } from '../../src/lab/lab.ts';
import type { CachedState } from '../../src/lab/prepared/cache.ts';
import { finishOperation, setPending } from '../../src/learner/operations/recover.ts';
import { replaceState, takeStep } from '../../src/learner/operations/replace-state.ts';
import { dropSnapshot, findSnapshot, restoreSnapshot, saveSnapshot } from '../../src/learner/operations/snapshots.ts';
import type { OperationWatcher } from '../../src/lesson/step-progress.ts';
import { asInLesson2, docker, dockerMay, imageIn, networkIn, planOf } from './learner.ts';

/** What was there: the learner's file and row, and the container. A row that could not be read is undefined. */
type Seen = { readonly file: string | undefined; readonly row: unknown; readonly container: object | null };

function expectSeen(now: Seen, before: Seen | undefined, after: string): void {
  expect(now, after).toEqual(before?.row === undefined ? { ...before, row: now.row } : before);
}

export type LabModel = {
  readonly deeds: Readonly<Record<string, () => Promise<void>>>;
  check(): Promise<void>; // nothing belongs to two states, and nothing to none
};

export function labModel(lab: Lab, state: CachedState): LabModel {
  const { signal } = new AbortController();
  const problems: unknown[] = [];
  const watcher: OperationWatcher = { onProgress: () => undefined, onWarning: (one) => problems.push(one), signal };
  const master = lab.server('master');
  const { container } = planOf(lab, 'master');
  const before = new Map<string, Seen>(); // by the path of a step or a snapshot
  const ids = new Map<string, string>(); // of the containers that a moved step must bring back
  let count = 0;

  const rowNow = async (): Promise<unknown> => {
    const { rows } = await master.sql("SELECT to_regclass('marker') IS NOT NULL AS there", { database: 'master' });
    if (!rows[0]?.there) return null;
    return (await master.sql('SELECT n FROM marker', { database: 'master' })).rows[0]?.n;
  };
  const seen = async (): Promise<Seen> => {
    const found = await containerNow(container);
    const row = found?.running ? await rowNow() : undefined;
    return { file: await master.readFile('marker.txt').catch(() => undefined), row, container: found?.seen ?? null };
  };
  const mark = async () => {
    const n = ++count;
    await master.writeFile('marker.txt', `${n}`);
    if ((await containerNow(container))?.running) await master.sql(marked(n), { database: 'master' });
  };
  /** Plays an operation that makes a step, and remembers what was before it. */
  const step = async (kind: 'undo' | 'redo', moves: boolean, play: () => Promise<unknown>) => {
    const [now, found] = [await seen(), await containerNow(container)];
    const known = new Set(listSteps(lab.dir, kind).map(({ path }) => path));
    await play();
    const made = listSteps(lab.dir, kind).find(({ path }) => !known.has(path));
    if (!made) throw new Error(`no step of ${kind} was made`);
    before.set(made.path, now);
    if (moves && found && !found.seen.AutoRemove) ids.set(made.path, found.id);
  };
  const back = async (kind: 'undo' | 'redo') => {
    const [wanted] = listSteps(lab.dir, kind);
    if (!wanted) return;
    await step(kind === 'undo' ? 'redo' : 'undo', true, () => takeStep(lab, wanted, watcher));
    expectSeen(await seen(), before.get(wanted.path), `${kind} of ${wanted.about}`);
    const id = ids.get(wanted.path);
    if (id !== undefined) expect((await containerNow(container))?.id).toBe(id);
  };
  const place = async () => {
    if (lab.prepared?.spareKey() !== state.state.key) await lab.prepared?.makeSpare(state);
    await lab.prepared?.place(state.state);
    await mark();
  };
  const name = () => `s${count}`;

  const deeds: LabModel['deeds'] = {
    goto: () => step('undo', true, () => replaceState(lab, 'goto 3', watcher, () => undefined, place)),
    reset: () =>
      step('undo', true, () =>
        replaceState(
          lab,
          'reset all',
          watcher,
          () => undefined,
          async () => undefined,
        ),
      ),
    solve: () =>
      step('undo', false, async () => {
        const path = nextBackup(lab.dir, 'solve 3');
        setPending(lab, { backup: path, copied: true, what: 'solve 3' });
        await lab.copyAside(path, 'solve 3');
        if (await containerNow(container)) await mark();
        await finishOperation(lab, path, watcher);
      }),
    undo: () => back('undo'),
    redo: () => back('redo'),
    async save() {
      if (listBackups(lab.dir).some(({ kind, about }) => kind === 'named' && about === name())) return;
      const made = await saveSnapshot(lab, name(), signal);
      before.set(made.path, await seen());
    },
    async restore() {
      const snapshots = listBackups(lab.dir).filter(({ kind }) => kind === 'named');
      const wanted = snapshots[count % Math.max(snapshots.length, 1)];
      if (!wanted) return;
      await step('undo', true, () => restoreSnapshot(lab, findSnapshot(lab.dir, wanted.about), watcher));
      expectSeen(await seen(), before.get(wanted.path), `restore of ${wanted.about}`);
    },
    async drop() {
      const wanted = listBackups(lab.dir).find(({ kind }) => kind === 'named');
      if (wanted) expect(await dropSnapshot(lab, wanted)).toEqual([]);
    },
    // The learner's own commands.
    async write() {
      if (await containerNow(container)) await mark();
    },
    stop: async () => void (await dockerMay('stop', container)),
    pause: async () => void (await dockerMay('pause', container)),
    policy: async () => void (await dockerMay('update', '--restart', 'unless-stopped', container)),
    async byHand() {
      await dockerMay('rm', '--force', '--volumes', container);
      await dockerMay('network', 'create', networkIn(lab));
      const own = ['--label', 'mine=yes', '-v', '/extra', '--hostname', 'elsewhere', '--restart', 'on-failure:3'];
      await docker('create', '--name', container, ...asInLesson2(lab, 'master'), ...own, imageIn(lab));
      await master.start();
    },
    async withRm() {
      await dockerMay('rm', '--force', '--volumes', container);
      await dockerMay('network', 'create', networkIn(lab));
      await docker('create', '--rm', '--name', container, ...asInLesson2(lab, 'master'), imageIn(lab));
      await master.start();
    },
    remove: async () => void (await dockerMay('rm', '--force', '--volumes', container)),
    noNetwork: async () => void (await dockerMay('network', 'rm', networkIn(lab))), // refused while a container runs
    /** As `docker container prune` does; other tests have stopped containers on this engine, too. */
    async prune() {
      const aside = await docker('ps', '--all', '--quiet', '--filter', `name=^/${container}.before-`);
      if (aside !== '') await docker('rm', ...aside.split('\n'));
      ids.clear();
    },
  };
  const check = async () => {
    expect(problems).toEqual([]);
    const marks = listBackups(lab.dir).map(({ path }) => path.slice('backups/'.length));
    const all = (await docker('ps', '--all', '--format', '{{.Names}}')).split('\n');
    for (const one of all.filter((each) => each.startsWith(`${container}.`)))
      expect(marks, one).toContain(one.slice(`${container}.before-`.length));
    const volumes = (await docker('volume', 'ls', '--format', '{{.Name}}')).split('\n');
    for (const one of volumes.filter((each) => each.startsWith(`${networkIn(lab)}_master_data.`)))
      expect(marks, one).toContain(one.slice(`${networkIn(lab)}_master_data.`.length));
    for (const { path, bytes } of listBackups(lab.dir)) expect(bytes, path).toBeTypeOf('number');
    expect(JSON.parse(readFileSync(join(lab.dir, 'lab.json'), 'utf8')).moving).toBeNull();
  };
  return { deeds, check };
}

const marked = (n: number): string =>
  `CREATE TABLE IF NOT EXISTS marker (n int); DELETE FROM marker; INSERT INTO marker VALUES (${n})`;

type Inspected = {
  readonly Id: string;
  readonly Config: { readonly [field: string]: unknown; readonly Hostname: string };
  readonly State: { readonly Running: boolean; readonly Paused: boolean };
  readonly HostConfig: Readonly<Record<string, unknown>>;
  readonly NetworkSettings: { readonly Networks: object };
};

/** undefined: there is no container of this name. A paused one counts as running: an operation unfreezes it. */
async function containerNow(name: string) {
  const { status, stdout } = await dockerMay('inspect', '--type', 'container', name);
  if (status !== 0) return undefined;
  const [{ Id, Config, State, HostConfig, NetworkSettings }] = JSON.parse(stdout) as [Inspected];
  const { Image, Env, Cmd, Labels, User, Volumes } = Config;
  const host = Id.startsWith(Config.Hostname) ? null : Config.Hostname;
  const { Binds, PortBindings, RestartPolicy, NetworkMode, AutoRemove } = HostConfig;
  const options = { Binds, PortBindings, RestartPolicy, NetworkMode, AutoRemove };
  const config = { Image, Env, Cmd, Labels, User, Volumes, host, ...options };
  const seen = { ...config, running: State.Running, networks: Object.keys(NetworkSettings.Networks) };
  return { id: Id, running: State.Running && !State.Paused, seen };
}

/**
 * The operation around a measurement: changes postgresql.auto.conf (the primary's synchronous names for `async`, the
 * standby's primary_conninfo for a distance), measures, restores. lab.json has the old values, in case of a kill.
 */
import { parseConf, quoteConf } from '../../postgres/conf/conf.ts';
import { formatConninfo, parseConninfo } from '../../postgres/conninfo.ts';
import { type MeasureUndo, readLab, saveLab } from '../folder.ts';
import type { Lab, Server } from '../lab.ts';
import { until } from '../machine/until.ts';
import type { Observation, Sql } from '../observation.ts';
import { reachedInside } from '../plan/plan.ts';
import { isProblem, ProblemError } from '../problem.ts';
import { measureLevel } from './measure.ts';
import type { Level, LevelResult, Measurement } from './measurement.ts';
import { refusal } from './refusal.ts';
import { type Relay, type RelayPlan, startRelay } from './relay.ts';

export type MeasureWish = {
  readonly distance: number; // one-way delay in ms; 0: none is added
  readonly levels?: readonly string[] | undefined;
  readonly on?: string | undefined; // the server that writes; default: the plan's first
  readonly commits?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onLevel?: ((result: LevelResult) => void) | undefined; // called after each level
  readonly committed?: ((progress: MeasureProgress) => void) | undefined; // called after each commit
};

export type MeasureProgress = {
  readonly levels: readonly Level[];
  readonly level: number; // index of the current level
  readonly commits: number; // commits made at this level
  readonly all: number; // commits to make at each level
};

const allLevels: readonly Level[] = ['off', 'async', 'local', 'remote_write', 'on', 'remote_apply'];
const usualLevels: readonly Level[] = ['async', 'local', 'remote_write', 'on', 'remote_apply'];
const [settleMs, connectMs] = [15_000, 5_000];

/** `refused` says why a measurement makes no sense. Rejects with a ProblemError when the lab is not sync afterwards. */
export async function measureLab(lab: Lab, wish: MeasureWish): Promise<Measurement> {
  const levels = levelsOf(wish.levels);
  const on = wish.on ?? lab.plan.servers[0]?.name ?? '';
  if (!lab.plan.servers.some(({ name }) => name === on)) {
    throw new ProblemError(
      {
        what: `There is no server "${on}" in this lab.`,
        fix: `Name one of ${lab.plan.servers.map(({ name }) => name).join(', ')}.`,
      },
      2,
    );
  }
  const now = await lookSettled(lab, on, wish.signal);
  const primary = sqlOf(now, on);
  const common = {
    at: now.at,
    on,
    distance: wish.distance,
    names: primary?.settings.synchronous_standby_names?.value ?? '',
    syncStandby:
      primary?.senders.find(({ syncState }) => syncState === 'sync' || syncState === 'quorum')?.applicationName ?? null,
  };
  const refused = refusal(on, primary, common.names, common.syncStandby);
  if (refused) return { ...common, refused: refused.why, because: refused.because, levels: [] };
  const standby = standbyOf(now, on);
  if (!standby)
    return { ...common, refused: `no standby of this lab follows ${on}`, because: 'wrong server', levels: [] };
  const pair = { on, standby };
  const results = await withDistance(lab, pair, wish, () => measureEach(lab, pair, levels, wish)).catch(
    (error: unknown) => {
      if (!wish.signal?.aborted || error instanceof ProblemError) throw error;
      throw new ProblemError({
        what: 'The measurement was stopped before its end, so nothing of it is kept. The settings are what they were before.',
        fix: 'Measure again when you like.',
      });
    },
  );
  return { ...common, levels: results };
}

function levelsOf(wanted: readonly string[] | undefined): readonly Level[] {
  const levels = wanted?.map((name) => {
    const level = allLevels.find((known) => known === name);
    if (level) return level;
    throw new ProblemError(
      { what: `"${name}" is no level.`, fix: `Name some of ${allLevels.join(', ')}, with commas.` },
      2,
    );
  });
  return levels ?? usualLevels;
}

type Pair = { readonly on: string; readonly standby: string };

async function measureEach(lab: Lab, pair: Pair, levels: readonly Level[], wish: MeasureWish): Promise<LevelResult[]> {
  const commits = wish.commits ?? (wish.distance > 0 ? 40 : 100);
  const database = lab.plan.servers[0]?.database ?? 'postgres';
  const measure = async (level: Level): Promise<LevelResult> => {
    const onCommit = (made: number) =>
      wish.committed?.({ levels, level: levels.indexOf(level), commits: made, all: commits });
    onCommit(0);
    const result = await measureLevel(
      {
        writer: { ...(await lab.server(pair.on).connection()), database },
        reader: { ...(await lab.server(pair.standby).connection()), database },
      },
      level,
      commits,
      { signal: wish.signal, onCommit },
    );
    wish.onLevel?.(result);
    return result;
  };
  const results: LevelResult[] = [];
  for (const level of levels)
    results.push(level === 'async' ? await withoutNames(lab, pair, () => measure(level)) : await measure(level));
  return results;
}

/** `async`: synchronous_standby_names is empty for that time, so no commit waits. */
const withoutNames = <T>(lab: Lab, pair: Pair, work: () => Promise<T>): Promise<T> =>
  withSetting(lab, { on: pair.on, name: 'synchronous_standby_names', value: '' }, work, {
    inPlace: (now) => sqlOf(now, pair.on)?.settings.synchronous_standby_names?.value === '',
    restored: (now) => isSync(now, pair.on),
  });

async function withDistance<T>(
  lab: Lab,
  pair: Pair,
  { distance, signal }: MeasureWish,
  work: () => Promise<T>,
): Promise<T> {
  if (distance === 0) return work();
  const now = await lab.observe(signal);
  const conninfo = parseConninfo(sqlOf(now, pair.standby)?.settings.primary_conninfo?.value ?? '');
  if ('message' in conninfo)
    throw new ProblemError({
      what: `primary_conninfo of ${pair.standby} cannot be read: ${conninfo.message}`,
      fix: 'See lesson 6.',
    });
  const { listen, to, seenAs } = await lab.between(pair.on);
  await using relay = await startRelayOnFreePort({ host: listen, port: lab.plan.relayPort, to, delayMs: distance });
  const through = formatConninfo({ ...conninfo.params, host: seenAs, port: String(relay.port) });
  const { port } = reachedInside(lab.plan, pair.on);
  const streamsFrom = (wanted: number) => (now: Observation) =>
    sqlOf(now, pair.standby)?.receiver?.senderPort === wanted && isSync(now, pair.on);
  return await withSetting(lab, { on: pair.standby, name: 'primary_conninfo', value: through }, work, {
    inPlace: streamsFrom(relay.port),
    restored: streamsFrom(port),
  });
}

/** Uses the plan's port, or any free one when another lab or user has it. */
const startRelayOnFreePort = (plan: RelayPlan): Promise<Relay> =>
  startRelay(plan).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    return startRelay({ ...plan, port: 0 });
  });

type Change = { readonly on: string; readonly name: string; readonly value: string };
type Settled = { readonly inPlace: (now: Observation) => boolean; readonly restored: (now: Observation) => boolean };

/** Changes a setting while `work` runs, and restores it. */
async function withSetting<T>(lab: Lab, change: Change, work: () => Promise<T>, settled: Settled): Promise<T> {
  const server = lab.server(change.on);
  const old = inAutoConf((await server.readFile(autoConf)) ?? '', change.name);
  saveUndo(lab, { settings: [{ on: change.on, name: change.name, value: old }, ...(undoOf(lab)?.settings ?? [])] });
  try {
    await write(server, change.name, change.value);
    await waitUntil(lab, settled.inPlace, `${change.name} of ${change.on} did not come into effect`);
    return await work();
  } finally {
    await write(server, change.name, old);
    const rest = undoOf(lab)?.settings.slice(1) ?? [];
    saveUndo(lab, rest.length > 0 ? { settings: rest } : null);
    await waitUntil(lab, settled.restored, `${change.on} did not come back to what it was before the measurement`);
  }
}

/** Restores settings after a killed measurement. Resolves with a sentence about it. */
export async function undoMeasuring(lab: Lab): Promise<string | undefined> {
  const undo = undoOf(lab);
  if (!undo) return undefined;
  for (const { on, name, value } of undo.settings) await write(lab.server(on), name, value);
  saveUndo(lab, null);
  const names = undo.settings.map(({ on, name }) => `${name} of ${on}`).join(' and ');
  return `A measurement was interrupted; ${names} is what it was before.`;
}

const undoOf = (lab: Lab): MeasureUndo | null => readLab(lab.dir)?.undo ?? null;

function saveUndo(lab: Lab, undo: MeasureUndo | null): void {
  const file = readLab(lab.dir);
  if (file) saveLab(lab.dir, { ...file, undo });
}

const autoConf = 'postgresql.auto.conf';

const inAutoConf = (text: string, name: string): string | null =>
  parseConf(text, autoConf).settings.findLast((setting) => setting.name === name)?.value ?? null;

/** Writes as ALTER SYSTEM does; null removes the setting. A stopped server reads it at its next start. */
async function write(server: Server, name: string, value: string | null): Promise<void> {
  const text = (await server.readFile(autoConf)) ?? '';
  const old = new Set(
    parseConf(text, autoConf)
      .settings.filter((setting) => setting.name === name)
      .map(({ line }) => line),
  );
  const kept = text
    .split('\n')
    .filter((_, index) => !old.has(index + 1))
    .join('\n');
  await server.writeFile(
    autoConf,
    value === null ? kept : `${kept}${kept === '' || kept.endsWith('\n') ? '' : '\n'}${name} = ${quoteConf(value)}\n`,
  );
  if (await server.isRunning()) await server.reload();
}

async function waitUntil(lab: Lab, holds: (now: Observation) => boolean, otherwise: string): Promise<void> {
  if (await until(async () => holds(await lab.observe()), { deadlineMs: settleMs })) return;
  throw new ProblemError({ what: `${otherwise}.`, fix: '"repl-workshop check" shows how the servers stand now.' });
}

const sqlOf = (now: Observation, name: string): Sql | undefined => {
  const sql = now.servers[name]?.sql;
  return sql && !isProblem(sql) ? sql : undefined;
};

/** Waits for sync while a standby catches up, else for `connectMs`: one that has just connected has it in a moment. */
async function lookSettled(lab: Lab, on: string, signal: AbortSignal | undefined): Promise<Observation> {
  let [now, restsSince] = [await lab.observe(signal), performance.now()];
  const settled = async () => {
    const sql = sqlOf(now, on);
    const follows = Object.keys(now.servers).some((name) => name !== on && sqlOf(now, name)?.inRecovery);
    if (!sql?.settings.synchronous_standby_names?.value || !follows || isSync(now, on)) return true;
    if (sql.senders.some(({ state }) => state !== 'streaming')) restsSince = performance.now();
    if (performance.now() - restsSince > connectMs) return true;
    now = await lab.observe(signal);
    return false;
  };
  await until(settled, { deadlineMs: settleMs, everyMs: 50, signal });
  return now;
}

const isSync = (now: Observation, name: string): boolean =>
  sqlOf(now, name)?.senders.some(({ syncState }) => syncState === 'sync' || syncState === 'quorum') ?? false;

const standbyOf = (now: Observation, primary: string): string | undefined =>
  Object.keys(now.servers).find((name) => name !== primary && sqlOf(now, name)?.receiver?.status === 'streaming');

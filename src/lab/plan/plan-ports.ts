/** Chooses the ports of a lab's servers: neighbours where possible, and new ones as long as a server never ran. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseConf } from '../../postgres/conf/conf.ts';
import { readDataFile, writeDataFile } from '../files/data-files.ts';
import { socketFolder } from '../native/user/socket-folder.ts';
import { hasOwnServer } from '../native/user/socket-lock.ts';
import type { LabPlan, ServerPlan } from './plan.ts';
import { freePort, freePorts, isPortFree } from './ports.ts';

const usualPorts: ReadonlyMap<string, number> = new Map([
  ['master', 5432],
  ['slave', 5433],
]);
export const usualPort = (name: string): number => usualPorts.get(name) ?? 5432;
export const dataOf = (name: string): string => `rep/${name}_data`;
export const serverNames: readonly string[] = [...usualPorts.keys()];

/** `known`: ports already in files, by server; adds the others. `anywhere`: other programs search too. */
export async function portsFor(
  known: ReadonlyMap<string, number>,
  anywhere = false,
): Promise<ReadonlyMap<string, number>> {
  if (known.size === 0) {
    const found = await freePorts(serverNames.map(usualPort), anywhere);
    return new Map(serverNames.map((name, at) => [name, found[at] ?? usualPort(name)]));
  }
  const ports = new Map(known);
  for (const name of serverNames.filter((one) => !known.has(one)))
    ports.set(name, await freePort(usualPort(name), new Set(ports.values())));
  return ports;
}

/** Servers whose port is taken by another program, and that may still get another one. `kept`: servers that may not. */
export async function lostPorts(
  dir: string,
  plan: LabPlan,
  kept: readonly string[] = [],
): Promise<readonly ServerPlan[]> {
  const lost: ServerPlan[] = [];
  for (const server of plan.servers)
    if (!kept.includes(server.name) && (await canMove(dir, plan, server)) && !(await isPortFree(server.port)))
      lost.push(server);
  return lost;
}

/**
 * Resolves with a plan that has free ports for the servers that lost theirs, and sentences about it. Clusters that were
 * never started get the new port into their file.
 */
export async function withFreePorts(
  dir: string,
  plan: LabPlan,
  anywhere: boolean,
  kept: readonly string[],
): Promise<{ readonly plan: LabPlan; readonly says: readonly string[] }> {
  const lost = await lostPorts(dir, plan, kept);
  if (lost.length === 0) return { plan, says: [] };
  const fixed: ServerPlan[] = [];
  for (const server of plan.servers)
    if (kept.includes(server.name) || !(await canMove(dir, plan, server))) fixed.push(server);
  const ports = await portsFor(new Map(fixed.map(({ name, port }) => [name, port])), anywhere);
  const servers = plan.servers.map((server) => ({ ...server, port: ports.get(server.name) ?? server.port }));
  const moved = servers.filter(({ port }, at) => port !== plan.servers[at]?.port);
  for (const { data, port } of moved) await writePort(join(dir, data), port);
  const lostNumbers = lost.map(({ port }) => port).join(' and ');
  const changes = moved.map(({ name, port }) => `${name} gets ${port}`).join(' and ');
  return {
    plan: { ...plan, servers },
    says: [
      `Port${lost.length > 1 ? 's' : ''} ${lostNumbers} ${lost.length > 1 ? 'were' : 'was'} taken in the meantime, so ${changes}.`,
    ],
  };
}

/** The plan with the ports of containers that are there, and the names of their servers. */
export function withPublished(plan: LabPlan, ports: ReadonlyMap<string, number> = new Map()) {
  const servers = plan.servers.map((server) => ({ ...server, port: ports.get(server.name) ?? server.port }));
  return { plan: ports.size > 0 ? { ...plan, servers } : plan, names: [...ports.keys()] };
}

/**
 * True for a server that was not created yet, or that the lab created, that never started and still has the lab's own
 * port line: a line of the learner stays.
 */
async function canMove(dir: string, plan: LabPlan, server: ServerPlan): Promise<boolean> {
  if (!wasMade(dir, plan, server)) return true;
  const data = join(dir, server.data);
  if (plan.engine !== 'native' || !existsSync(data) || existsSync(join(data, 'postmaster.opts'))) return false;
  const port = portSetting((await readDataFile(data, conf).catch(() => undefined)) ?? '');
  return port?.own === true && port.value === server.port;
}

/**
 * True when the data directory exists, was put aside, or may exist where this program cannot see it: a volume, an
 * unreadable folder, a file in its place, or a folder that was moved away while its server runs.
 */
function wasMade(dir: string, { docker, id }: LabPlan, { data, port }: ServerPlan): boolean {
  if (docker?.storage === 'volume') return true;
  const names = namesIn(dirname(join(dir, data)));
  if (names === 'unseen' || names.some((name) => name.startsWith(basename(data)))) return true;
  return docker === undefined && hasOwnServer(socketFolder(dir, id), port);
}

function namesIn(folder: string): readonly string[] | 'unseen' {
  try {
    return readdirSync(folder);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? [] : 'unseen';
  }
}

const conf = 'postgresql.conf';
/** Written as a comment for the learner who reads the line. */
export const portComment = 'each server of this lab has a port of its own';
const portLine = (port: number): string => `port = ${port}  # ${portComment}`; // as the lab's initdb writes it

/** The port in a data directory's own file. `own`: the line is the lab's, not the learner's. */
export function portSetting(
  text: string,
): { readonly value: number; readonly line: number; readonly own: boolean } | undefined {
  const setting = parseConf(text, conf).settings.findLast(({ name }) => name === 'port');
  const value = Number(setting?.value);
  if (!setting || !Number.isInteger(value) || value <= 0) return undefined;
  return { value, line: setting.line, own: text.split('\n')[setting.line - 1] === portLine(value) };
}

async function writePort(data: string, port: number): Promise<void> {
  const text = await readDataFile(data, conf);
  const line = portSetting(text ?? '')?.line;
  if (text === undefined || line === undefined) return; // not created yet: initdb writes the plan's port
  const lines = text.split('\n');
  lines[line - 1] = portLine(port);
  await writeDataFile(data, conf, lines.join('\n'));
}

/** The ports of a lab's servers: neighbours where that can be, and planned anew as long as a server has never run on its own. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseConf } from '../../postgres/conf/conf.ts';
import { readDataFile, writeDataFile } from '../files/data-files.ts';
import { hasOwnServer } from '../native/server/own-server.ts';
import { socketFolder } from '../native/user/socket-folder.ts';
import type { LabPlan, ServerPlan } from './plan.ts';
import { freePort, freePorts, isPortFree } from './ports.ts';

const usualPorts: ReadonlyMap<string, number> = new Map([
  ['master', 5432],
  ['slave', 5433],
]);
export const usualPort = (name: string): number => usualPorts.get(name) ?? 5432;
export const dataOf = (name: string): string => `rep/${name}_data`;
export const serverNames: readonly string[] = [...usualPorts.keys()];

/** `known`: those that stand in files already, by name; the others are added. `anywhere`: others look for ports at this moment too. */
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

/** The servers whose port somebody else has by now, and that may still get another one. */
export async function lostPorts(dir: string, plan: LabPlan): Promise<readonly ServerPlan[]> {
  const lost: ServerPlan[] = [];
  for (const server of plan.servers)
    if ((await canMove(dir, plan, server)) && !(await isPortFree(server.port))) lost.push(server);
  return lost;
}

/** A plan with free ports for those that have lost theirs, and what to tell. Servers that were never started get the new port into their file as well. */
export async function withFreePorts(
  dir: string,
  plan: LabPlan,
  anywhere: boolean,
): Promise<{ readonly plan: LabPlan; readonly says: readonly string[] }> {
  const lost = await lostPorts(dir, plan);
  if (lost.length === 0) return { plan, says: [] };
  const staying: ServerPlan[] = [];
  for (const server of plan.servers) if (!(await canMove(dir, plan, server))) staying.push(server);
  const ports = await portsFor(new Map(staying.map(({ name, port }) => [name, port])), anywhere);
  const servers = plan.servers.map((server) => ({ ...server, port: ports.get(server.name) ?? server.port }));
  const moved = servers.filter(({ port }, at) => port !== plan.servers[at]?.port);
  for (const { data, port } of moved) await writePort(join(dir, data), port);
  const gone = lost.map(({ port }) => port).join(' and ');
  const now = moved.map(({ name, port }) => `${name} gets ${port}`).join(' and ');
  return {
    plan: { ...plan, servers },
    says: [
      `Port${lost.length > 1 ? 's' : ''} ${gone} ${lost.length > 1 ? 'were' : 'was'} taken in the meantime, so ${now}.`,
    ],
  };
}

/** Not made yet, or made by the lab and never started, with the line that the lab wrote: what the learner has written stays. */
async function canMove(dir: string, plan: LabPlan, server: ServerPlan): Promise<boolean> {
  if (!wasMade(dir, plan, server)) return true;
  const data = join(dir, server.data);
  if (plan.engine !== 'native' || !existsSync(data) || existsSync(join(data, 'postmaster.opts'))) return false;
  const port = portSetting((await readDataFile(data, conf).catch(() => undefined)) ?? '');
  return port?.own === true && port.value === server.port;
}

/**
 * Its data directory is there, or was put aside. What cannot be seen may be there: a volume, a folder that is shut, a file in the folder's place, and a
 * folder that was moved away with its server running.
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
/** For the learner who finds the line there. */
export const portComment = 'each server of this lab has a port of its own';
const portLine = (port: number): string => `port = ${port}  # ${portComment}`; // as the lab's initdb writes it

/** The port that a data directory's own file names. */
export function portSetting(
  text: string,
): { readonly value: number; readonly line: number; readonly own: boolean } | undefined {
  const found = parseConf(text, conf).settings.findLast(({ name }) => name === 'port');
  const value = Number(found?.value);
  if (!found || !Number.isInteger(value) || value <= 0) return undefined;
  return { value, line: found.line, own: text.split('\n')[found.line - 1] === portLine(value) };
}

async function writePort(data: string, port: number): Promise<void> {
  const text = await readDataFile(data, conf);
  const line = portSetting(text ?? '')?.line;
  if (text === undefined || line === undefined) return; // not made yet: initdb writes the plan's
  const lines = text.split('\n');
  lines[line - 1] = portLine(port);
  await writeDataFile(data, conf, lines.join('\n'));
}

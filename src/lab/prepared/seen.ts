/** What a look saw of a prepared state when it was made, for comparisons with a lab. */
import { join } from 'node:path';
import * as v from 'valibot';
import type { Observation } from '../observation.ts';
import { schemaNumber, shape } from '../store/json.ts';
import { readJson, writeJson } from '../store/store.ts';
import type { CachedState } from './cache.ts';
import type { Addresses } from './state.ts';

/** Written by the same version of this program, as the key of the state says; so its shape is known. */
const seenJson = shape({
  schema: schemaNumber,
  now: v.custom<Observation>((value) => typeof value === 'object' && value !== null && 'servers' in value),
});
const fileIn = (folder: string): string => join(folder, 'seen.json');

export const writeSeen = (folder: string, now: Observation): void => writeJson(fileIn(folder), { schema: 1, now });

/** As the state would be seen in a lab with these addresses. undefined: the state has none. */
export function readSeen({ folder, state }: CachedState, to: Addresses): Observation | undefined {
  const read = readJson(fileIn(folder), seenJson);
  return read.kind === 'value' ? (withAddresses(read.value.now, state.from, to) as Observation) : undefined;
}

/** Addresses are in texts of files, values of settings and fields. Those of a prepared state occur nowhere else. */
function withAddresses(value: unknown, from: Addresses, to: Addresses): unknown {
  const ports = Object.entries(from.ports).map(([name, port]) => [port, to.ports[name] ?? port] as const);
  const inText = (text: string): string => {
    const words = [
      [from.sockets, to.sockets],
      [from.dir, to.dir],
      ...Object.entries(from.hosts ?? {}).map(([name, host]) => [host, to.hosts?.[name]] as const),
    ] as const;
    const moved = words.reduce((now, [old, next]) => (old && next ? now.replaceAll(old, next) : now), text);
    return moved.replace(/\d+/g, (number) => String(ports.find(([old]) => String(old) === number)?.[1] ?? number));
  };
  const move = (one: unknown): unknown => {
    if (typeof one === 'string') return inText(one);
    if (typeof one === 'number') return ports.find(([old]) => old === one)?.[1] ?? one;
    if (Array.isArray(one)) return one.map(move);
    if (typeof one !== 'object' || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, move(inner)]));
  };
  return move(value);
}

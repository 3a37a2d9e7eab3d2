/** Fits the data directories of a prepared state to the lab that gets them: addresses in their files, and identity. */
import { randomInt } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { directoriesOf, directoryList, parseConf, setConf } from '../../../postgres/conf/conf.ts';
import { formatConninfo, parseConninfo } from '../../../postgres/conninfo.ts';
import type { Addresses } from '../../prepared/state.ts';
import { changeSystemIdentifier } from './control-file.ts';

const confs = ['postgresql.conf', 'postgresql.auto.conf'] as const;

/** `rep` is the state's folder of data directories, in a place that only this user can change. */
export function settle(rep: string, from: Addresses, to: Addresses): void {
  const identifiers = new Map<bigint, bigint>();
  for (const data of clusters(rep)) {
    for (const name of confs) changeFile(join(data, name), (text) => withAddresses(text, from, to));
    changeFile(join(data, 'postmaster.opts'), (text) => text.replaceAll(from.dir, to.dir));
    changeSystemIdentifier(data, (before) => {
      const after = identifiers.get(before) ?? newIdentifier();
      identifiers.set(before, after); // a standby has the identifier of its primary
      return after;
    });
  }
}

/** The data directories in `rep`. */
const clusters = (rep: string): readonly string[] =>
  (existsSync(rep) ? readdirSync(rep) : [])
    .map((name) => join(rep, name))
    .filter((data) => existsSync(join(data, 'PG_VERSION')));

/** Seconds and a random part, as initdb makes one of seconds, microseconds and process (BootStrapXLOG in xlog.c). */
const newIdentifier = (): bigint => (BigInt(Math.floor(Date.now() / 1000)) << 32n) | BigInt(randomInt(2 ** 32));

function changeFile(path: string, change: (text: string) => string): void {
  if (!existsSync(path)) return;
  const text = readFileSync(path, 'utf8');
  const changed = change(text);
  if (changed !== text) writeFileSync(path, changed); // in place: owner and mode stay
}

/** The text of a configuration file with the ports and the socket folder of the other lab. */
function withAddresses(text: string, from: Addresses, to: Addresses): string {
  const ports = new Map(
    Object.entries(from.ports).map(([name, port]) => [String(port), String(to.ports[name] ?? port)]),
  );
  let changed = text;
  for (const { name, value } of parseConf(text, '').settings) {
    if (name === 'port') changed = setConf(changed, name, ports.get(value) ?? value);
    if (name === 'unix_socket_directories' && to.sockets !== null && directoriesOf(value).includes(from.sockets ?? ''))
      changed = setConf(changed, name, directoryList([to.sockets]));
    if (name === 'primary_conninfo') changed = setConf(changed, name, withPort(value, ports));
  }
  return changed;
}

function withPort(conninfo: string, ports: ReadonlyMap<string, string>): string {
  const parsed = parseConninfo(conninfo);
  if ('message' in parsed) return conninfo;
  const port = ports.get(parsed.params.port ?? '');
  return port === undefined ? conninfo : formatConninfo({ ...parsed.params, port });
}

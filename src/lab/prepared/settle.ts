/** Fits the data directories of a prepared state to the lab that gets them: addresses in their files, and identity. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { directoriesOf, directoryList, parseConf, setConf } from '../../postgres/conf/conf.ts';
import { formatConninfo, parseConninfo } from '../../postgres/conninfo.ts';
import { newIdentifiers, renameCluster } from './identity.ts';
import type { Addresses } from './state.ts';

/** Files of a data directory that contain addresses. */
const settledFiles = ['postgresql.conf', 'postgresql.auto.conf', 'postmaster.opts'] as const;
export type SettledFile = (typeof settledFiles)[number];
export const isSettled = (name: string): name is SettledFile => (settledFiles as readonly string[]).includes(name);

/** The data directories are in a place that only this user can change. */
export function settle(directories: readonly string[], from: Addresses, to: Addresses): void {
  const rename = newIdentifiers();
  for (const data of directories.filter((one) => existsSync(join(one, 'PG_VERSION')))) {
    for (const name of settledFiles) changeFile(join(data, name), (text) => settledText(name, text, from, to));
    renameCluster(data, rename);
  }
}

function changeFile(path: string, change: (text: string) => string): void {
  if (!existsSync(path)) return;
  const text = readFileSync(path, 'utf8');
  const changed = change(text);
  if (changed !== text) writeFileSync(path, changed); // in place: owner and mode stay
}

/** The text of such a file with the addresses of the other lab. */
export function settledText(file: SettledFile, text: string, from: Addresses, to: Addresses): string {
  if (file === 'postmaster.opts') return text.replaceAll(from.dir, to.dir);
  const ports = new Map(
    Object.entries(from.ports).map(([name, port]) => [String(port), String(to.ports[name] ?? port)]),
  );
  const hosts = new Map(Object.entries(from.hosts ?? {}).map(([name, host]) => [host, to.hosts?.[name] ?? host]));
  let changed = text;
  for (const { name, value } of parseConf(text, '').settings) {
    if (name === 'port') changed = setConf(changed, name, ports.get(value) ?? value);
    if (name === 'unix_socket_directories' && to.sockets !== null && directoriesOf(value).includes(from.sockets ?? ''))
      changed = setConf(changed, name, directoryList([to.sockets]));
    if (name === 'primary_conninfo') changed = setConf(changed, name, settledConninfo(value, hosts, ports));
  }
  return changed;
}

type Renamed = ReadonlyMap<string, string>;

function settledConninfo(conninfo: string, hosts: Renamed, ports: Renamed): string {
  const parsed = parseConninfo(conninfo);
  if ('message' in parsed) return conninfo;
  const { params } = parsed;
  const [host, port] = [hosts.get(params.host ?? ''), ports.get(params.port ?? '')];
  if (host === undefined && port === undefined) return conninfo;
  return formatConninfo({
    ...params,
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
  });
}

/** The docker program's contexts: named engines in its configuration folder, of which one may be the chosen one. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tls } from './reach-address.ts';

export type Context = {
  readonly name: string;
  readonly host: string; // as DOCKER_HOST would have it
  readonly tls: Tls | null;
};

/** A context is chosen and cannot be used. */
export type BrokenContext = { readonly name: string; readonly why: string };

/** `~/.docker`, or where DOCKER_CONFIG says. */
export const configFolder = (env: NodeJS.ProcessEnv, home: string): string =>
  env.DOCKER_CONFIG || join(home, '.docker');

/** null: none is chosen, or the one called "default", which is the usual socket. DOCKER_CONTEXT goes before `docker context use`. */
export function chosenContext(env: NodeJS.ProcessEnv, home: string): Context | BrokenContext | null {
  const folder = configFolder(env, home);
  const configFile = join(folder, 'config.json');
  let name = env.DOCKER_CONTEXT;
  if (!name && existsSync(configFile)) {
    const config = readObject(configFile);
    if ('why' in config) return { name: 'of config.json', why: config.why };
    name = typeof config.value.currentContext === 'string' ? config.value.currentContext : '';
  }
  return !name || name === 'default' ? null : readContext(folder, name);
}

/** Metadata and TLS files stand in folders that are named by the SHA-256 of the context's name. */
function readContext(folder: string, name: string): Context | BrokenContext {
  const id = createHash('sha256').update(name).digest('hex');
  const metaFile = join(folder, 'contexts', 'meta', id, 'meta.json');
  if (!existsSync(metaFile)) return { name, why: 'there is no context of that name' };
  const meta = readObject(metaFile);
  if ('why' in meta) return { name, why: meta.why };
  const endpoint = objectIn(objectIn(meta.value, 'Endpoints'), 'docker');
  if (typeof endpoint.Host !== 'string' || endpoint.Host === '')
    return { name, why: 'it does not say where its engine is' };
  const tlsFolder = join(folder, 'contexts', 'tls', id, 'docker');
  const verify = endpoint.SkipTLSVerify !== true;
  const tls = existsSync(tlsFolder) || !verify ? { folder: tlsFolder, verify, needsCa: false } : null;
  return { name, host: endpoint.Host, tls };
}

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

function objectIn(fields: Fields, name: string): Fields {
  const value = fields[name];
  return isObject(value) ? value : {};
}

function readObject(file: string): { readonly value: Fields } | { readonly why: string } {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isObject(value) ? { value } : { why: `${file} holds no JSON object` };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code; // JSON.parse gives none
    return { why: code === undefined ? `${file} is not JSON` : `${file} cannot be read (${code})` };
  }
}

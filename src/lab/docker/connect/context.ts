/** The docker program's contexts: named daemons in its configuration folder, one of which may be chosen. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { readRegular } from '../../files/regular-file.ts';
import { decodeJson, shape, text } from '../../store/json.ts';
import type { Tls } from './engine-address.ts';

export type Context = {
  readonly name: string;
  readonly host: string; // in the form of DOCKER_HOST
  readonly tls: Tls | null;
};

/** The chosen context cannot be used. */
export type BrokenContext = { readonly name: string; readonly why: string };

const configJson = shape({ currentContext: v.optional(v.nullable(text), '') });
const endpoint = shape({ Host: v.optional(text, ''), SkipTLSVerify: v.optional(v.nullable(v.boolean())) });
const metaJson = shape({ Endpoints: v.optional(shape({ docker: v.optional(endpoint, {}) }), {}) });

/** `~/.docker`, or the folder in DOCKER_CONFIG. */
export const configFolder = (env: NodeJS.ProcessEnv, home: string): string =>
  env.DOCKER_CONFIG || join(home, '.docker');

/**
 * Returns null when no context is chosen, or the one called "default", which is the usual socket. DOCKER_CONTEXT has
 * precedence over `docker context use`.
 */
export function chosenContext(env: NodeJS.ProcessEnv, home: string): Context | BrokenContext | null {
  const folder = configFolder(env, home);
  const configFile = join(folder, 'config.json');
  let name = env.DOCKER_CONTEXT;
  if (!name && existsSync(configFile)) {
    const config = readFileOf(configFile, configJson);
    if ('why' in config) return { name: 'of config.json', why: config.why };
    name = config.value.currentContext ?? '';
  }
  return !name || name === 'default' ? null : readContext(folder, name);
}

/** Metadata and TLS files are in folders named by the SHA-256 of the context's name. */
function readContext(folder: string, name: string): Context | BrokenContext {
  const id = createHash('sha256').update(name).digest('hex');
  const metaFile = join(folder, 'contexts', 'meta', id, 'meta.json');
  if (!existsSync(metaFile)) return { name, why: 'there is no context of that name' };
  const meta = readFileOf(metaFile, metaJson);
  if ('why' in meta) return { name, why: meta.why };
  const { Host, SkipTLSVerify } = meta.value.Endpoints.docker;
  if (Host === '') return { name, why: 'it does not say where its engine is' };
  const tlsFolder = join(folder, 'contexts', 'tls', id, 'docker');
  const verify = SkipTLSVerify !== true;
  const tls = existsSync(tlsFolder) || !verify ? { folder: tlsFolder, verify, needsCa: false } : null;
  return { name, host: Host, tls };
}

const mostBytes = 1024 * 1024;

function readFileOf<T>(
  file: string,
  schema: v.GenericSchema<unknown, T>,
): { readonly value: T } | { readonly why: string } {
  const read = readRegular(file, mostBytes);
  if (read.kind === 'absent') return { why: `${file} cannot be read (ENOENT)` };
  if (read.kind === 'refused') return { why: `${file} cannot be read (${read.code})` };
  const decoded = decodeJson(read.bytes.toString('utf8'), schema);
  return decoded.kind === 'value' ? { value: decoded.value } : { why: `${file} cannot be used: ${decoded.why}` };
}

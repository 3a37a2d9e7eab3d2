/**
 * The secrets of a user, in their configuration folder. Made once, so that all labs of a user share them, and a
 * prepared state of one lab fits another. A lab copies them into its plan, and does not read this file again.
 */
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  type Stats,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import * as v from 'valibot';
import { besidePattern, writeNew, writeWhole } from '../files/write-file.ts';
import { isAlive } from '../lock/alive.ts';
import { decodeJson, newestSchema, schemaNumber, shape } from '../store/json.ts';
import { setAside } from '../store/store.ts';
import { type Doubt, walkTo } from '../trust/trust.ts';
import { newSecrets, type Secrets } from './secrets.ts';

export type KeptSecrets = { readonly secrets: Secrets; readonly says: readonly string[] };

/**
 * Where secrets cannot be kept, or the file cannot be trusted, a lab gets secrets of its own, and `says` explains why.
 */
export function userSecrets(env: NodeJS.ProcessEnv = process.env): KeptSecrets {
  const says: string[] = [];
  try {
    const folder = openFolder(configFolder(env), says);
    return { secrets: readOrMake(join(folder, fileName), says), says };
  } catch (error) {
    if (!(error instanceof NotKept)) throw error;
    return { secrets: newSecrets(), says: [...says, `${error.message} So this lab has passwords of its own.`] };
  }
}

/** For a look: creates and repairs nothing. undefined: there are no secrets that can be trusted. */
export function lookUpSecrets(env: NodeJS.ProcessEnv = process.env): Secrets | undefined {
  try {
    const folder = configFolder(env);
    if (walkTo(dirname(folder)).doubt) return undefined;
    if (whyNotOurs(folder, lstatSync(folder, { throwIfNoEntry: false })) !== undefined) return undefined;
    const read = readSecrets(join(folder, fileName), null);
    return typeof read === 'object' ? read : undefined;
  } catch (error) {
    if (error instanceof NotKept) return undefined;
    throw error;
  }
}

/** Half-written secrets of killed programs, in a folder of this user alone. */
export function leftSecrets(env: NodeJS.ProcessEnv): readonly string[] {
  if (lookUpSecrets(env) === undefined) return [];
  const folder = configFolder(env);
  return readdirSync(folder).flatMap((name) => {
    const pid = besidePattern.exec(name)?.[1];
    return name.startsWith(`${fileName}.`) && pid !== undefined && !isAlive(Number(pid)) ? [join(folder, name)] : [];
  });
}

const fileName = 'secrets.json';
const mostBytes = 64 * 1024;

/** Why the secrets cannot be kept, as one sentence. */
class NotKept extends Error {}

/** Throws NotKept. A relative path in XDG_CONFIG_HOME is ignored. Source: XDG Base Directory Specification. */
function configFolder({ XDG_CONFIG_HOME, HOME }: NodeJS.ProcessEnv): string {
  if (XDG_CONFIG_HOME !== undefined && isAbsolute(XDG_CONFIG_HOME)) return join(XDG_CONFIG_HOME, 'repl-workshop');
  const home = HOME || homeOfUser();
  if (isAbsolute(home)) return join(home, '.config', 'repl-workshop');
  throw new NotKept('There is no home folder (HOME) to keep passwords in.');
}

function homeOfUser(): string {
  try {
    return homedir();
  } catch {
    return ''; // a user whom the system does not know
  }
}

/** Makes the folder if it is missing, and closes it to other users. Throws NotKept. */
function openFolder(folder: string, says: string[]): string {
  try {
    const { doubt } = walkTo(dirname(folder));
    if (doubt) throw new NotKept(`${doubt.path} ${whyDoubted[doubt.why]}, so no passwords are kept there.`);
    for (const one of missingFolders(folder).toReversed()) makeLevel(one);
    const stat = lstatSync(folder);
    const wrong = whyNotOurs(folder, stat);
    if (wrong !== undefined) throw new NotKept(wrong);
    if (isOpen(stat)) {
      chmodSync(folder, 0o700);
      says.push(`${folder} was open to other users of this machine; it is closed now (0700).`);
    }
    return folder;
  } catch (error) {
    throw error instanceof NotKept ? error : cannotKeep(folder, error);
  }
}

const whyDoubted = {
  owner: 'belongs to another user',
  writable: 'can be written by other users',
  group: 'can be written by a group of users',
  unseen: 'cannot be looked into',
} as const satisfies Record<Doubt['why'], string>;

/** The folder and those above it that do not exist. */
const missingFolders = (folder: string): readonly string[] =>
  lstatSync(folder, { throwIfNoEntry: false }) ? [] : [folder, ...missingFolders(dirname(folder))];

/** Makes one level: Node's recursive mkdir never ends where folders cannot be made, such as below /proc. */
function makeLevel(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another program made it
  }
}

function whyNotOurs(folder: string, stat: Stats | undefined): string | undefined {
  if (stat?.isSymbolicLink()) return `${folder} is a link, and passwords are kept in a real folder only.`;
  if (stat && !stat.isDirectory()) return `${folder} is a file where a folder for passwords should be.`;
  return stat && stat.uid !== caller() ? `${folder} belongs to another user.` : undefined;
}

/** The first program makes the file, the others read it. Throws NotKept. */
function readOrMake(path: string, says: string[]): Secrets {
  for (let tries = 0; tries < 3; tries++) {
    const read = readSecrets(path, (line) => says.push(line));
    if (typeof read === 'object') return read;
    try {
      if (read === 'unreadable') says.push(`${path} could not be read. It is kept as ${setAside(path, new Date())}.`);
      const secrets = newSecrets();
      if (writeSecrets(path, secrets)) return secrets;
    } catch (error) {
      // Another program has already set the file aside.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw cannotKeep(path, error);
    }
  }
  throw new NotKept(`${path} does not stay as it was written.`);
}

/** Writes the file whole. Returns false when another program was faster. */
function writeSecrets(path: string, secrets: Secrets): boolean {
  const text = `${JSON.stringify({ schema: newestSchema, ...secrets }, null, 2)}\n`;
  try {
    writeNew(path, text);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'ENOSYS'].includes(code)) throw error;
    // A disk without hard links: the last writer wins, and each lab keeps the secrets it was made with.
    writeWhole(path, text);
  }
  return true;
}

/**
 * Throws NotKept for a file that is not the caller's. With `onRepair`, closes a file that others can read, and reports
 * it; null: changes nothing.
 */
function readSecrets(path: string, onRepair: ((line: string) => void) | null): Secrets | 'absent' | 'unreadable' {
  let handle: number;
  try {
    handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return 'absent';
    throw code === 'ELOOP' ? new NotKept(`${path} is a link, and is not followed.`) : cannotKeep(path, error);
  }
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile()) throw new NotKept(`${path} is no ordinary file.`);
    if (stat.uid !== caller()) throw new NotKept(`${path} belongs to another user.`);
    if (onRepair && isOpen(stat)) {
      fchmodSync(handle, 0o600);
      onRepair(
        `${path} could be read by other users of this machine; it is closed now (0600). Delete it, and new labs get new passwords.`,
      );
    }
    if (stat.size > mostBytes) return 'unreadable';
    const read = decodeJson(readFileSync(handle, 'utf8'), secretsJson);
    return read.kind === 'value' ? { servers: read.value.servers, replication: read.value.replication } : 'unreadable';
  } finally {
    closeSync(handle);
  }
}

/** Characters that need no quotes in shell, SQL, connection strings and password files. */
const secret = v.pipe(v.string(), v.regex(/^[a-z0-9_]{8,64}$/, 'a password'));
const secretsJson = shape({
  schema: schemaNumber,
  servers: shape({ master: secret, slave: secret }),
  replication: secret,
});

const isOpen = ({ mode }: Stats): boolean => (mode & 0o077) !== 0;
const caller = (): number => process.geteuid?.() ?? -1;

function cannotKeep(path: string, error: unknown): NotKept {
  const cause = error as NodeJS.ErrnoException;
  const why = {
    EACCES: 'you may not',
    EPERM: 'you may not',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
  };
  const reason = Object.entries(why).find(([code]) => code === cause.code)?.[1];
  return new NotKept(`Passwords could not be kept in ${path}: ${reason ?? cause.message}.`);
}

/**
 * A small pg_basebackup for machines without the real one. It uses the same protocol, so it needs the same role and the
 * same line in pg_hba.conf.
 */

import { appendFile, chmod, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders } from '../../lab/folders/make-folder.ts';
import { quoteConf } from '../../postgres/conf/conf.ts';
import { formatConninfo } from '../../postgres/conninfo.ts';
import { quoteIdentifier } from '../../postgres/quote.ts';
import { visible } from '../../postgres/visible.ts';
import { readArguments, UsageError, usageWords } from '../arguments.ts';
import { ConnectError } from '../connect-error.ts';
import { login } from '../login.ts';
import { reportMessage } from '../message.ts';
import type { ConsoleIo } from '../psql/console.ts';
import type { PgSession } from '../session.ts';
import { readConninfo, type Target, TargetError, target } from '../target.ts';
import { BackupError, type BackupEvents, backUp, command, holdSlot, majorOf } from './backup.ts';
import { type GivenOptions, helpText, misuse, options, tryHelp, versionText, walMethods } from './options.ts';
import { syncTree } from './unpack.ts';

/**
 * Runs pg_basebackup. Resolves with 0, or with 1 after it has printed an error. The files of a failed copy are removed.
 */
export async function basebackup(argv: readonly string[], io: ConsoleIo): Promise<number> {
  const say = (text: string) => io.error.write(visible(`pg_basebackup: ${text}\n`));
  try {
    const { given, rest } = readArguments(options, argv);
    const last = (name: keyof typeof options) => given.findLast((each) => each.name === name)?.value;
    const has = (name: keyof typeof options) => last(name) !== undefined;
    if (has('help') || has('version')) {
      io.output.write(has('help') ? helpText : versionText);
      return 0;
    }
    const wrong =
      rest[0] === undefined
        ? misuse({ has, last })
        : { words: `too many command-line arguments (first is "${rest[0]}")`, hint: true };
    if (wrong) {
      say(`error: ${wrong.words}`);
      if (wrong.hint) say(tryHelp);
      return 1;
    }
    await copyCluster(io, { has, last }, say);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      for (const words of usageWords('pg_basebackup', error)) say(words);
    } else if (error instanceof ConnectError || error instanceof TargetError || error instanceof BackupError)
      say(`error: ${error.message}`);
    else if (error instanceof Error && 'code' in error)
      say(`error: ${error.message}`); // an error of the file system
    else throw error;
    return 1;
  }
}

async function copyCluster(io: ConsoleIo, given: GivenOptions, say: (text: string) => void): Promise<void> {
  const { has, last } = given;
  const sayVerbose = (text: string) => {
    if (has('verbose')) say(text);
  };
  const dir = last('directory') ?? '';
  const wanted = targetOf(io, given);
  const connect = () =>
    login(
      io,
      wanted,
      { asking: has('neverAsk') ? 'never' : has('alwaysAsk') ? 'always' : 'needed', prompt: 'Password: ' },
      (notice) => io.error.write(reportMessage(notice)),
    );
  await using session = await connect();
  if (majorOf(session) < 13)
    throw new BackupError(`incompatible server version ${session.parameters.get('server_version')}`);
  const isNew = await claimDirectory(dir);
  const slot = last('slot');
  let interrupted = false;
  const release = io.onInterrupt(() => {
    interrupted = true;
    session.stream.destroy();
  });
  try {
    if (slot !== undefined && has('createSlot'))
      await command(session, `CREATE_REPLICATION_SLOT ${quoteIdentifier(slot)} PHYSICAL RESERVE_WAL`);
    await using _streaming = slot === undefined ? undefined : await openStreaming(connect, slot);
    sayVerbose('initiating base backup, waiting for checkpoint to complete');
    if (has('progress') && !has('verbose')) io.error.write(`waiting for checkpoint${io.terminal ? '\r' : '\n'}`);
    const backup = {
      label: last('label') ?? 'pg_basebackup base backup',
      fast: last('checkpoint')?.toLowerCase() === 'fast',
      wal: walMethods[last('walMethod') ?? 'stream'] ?? 'stream',
      manifest: !has('noManifest'),
    } as const;
    await backUp(session, dir, backup, reporter(io, given, sayVerbose));
    if (has('recoveryConf')) await writeRecoveryConf(dir, wanted, slot);
    if (!has('noSync')) {
      sayVerbose('syncing data to disk ...');
      await syncTree(dir);
    }
    sayVerbose('base backup completed');
  } catch (error) {
    if (!has('noClean')) await removeCopy(dir, isNew, say);
    throw interrupted ? new BackupError('stopped by Ctrl-C') : error;
  } finally {
    release();
  }
}

/** Writes the messages of -v and -P during the copy. */
function reporter(io: ConsoleIo, { has, last }: GivenOptions, sayVerbose: (text: string) => void): BackupEvents {
  const meter = has('progress') ? progressMeter(io) : undefined;
  const withWal = walMethods[last('walMethod') ?? 'stream'] !== 'none';
  return {
    started(position, timeline) {
      sayVerbose('checkpoint completed');
      if (withWal) sayVerbose(`write-ahead log start point: ${position} on timeline ${timeline}`);
    },
    progress: (done, total) => meter?.show(done, total),
    ended(position) {
      meter?.end();
      if (withWal) sayVerbose(`write-ahead log end point: ${position}`);
    },
  };
}

function targetOf(io: ConsoleIo, { last }: GivenOptions): Target {
  const stated = { host: last('host'), port: last('port'), user: last('user') };
  const named = Object.fromEntries(Object.entries(stated).flatMap(([key, value]) => (value ? [[key, value]] : [])));
  const conninfo = readConninfo(last('conninfo') ?? '');
  return target(io, { replication: 'true', dbname: 'replication' }, named, conninfo, {
    fallback_application_name: 'pg_basebackup',
  });
}

async function openStreaming(connect: () => Promise<PgSession>, slot: string): Promise<PgSession> {
  const session = await connect();
  try {
    await holdSlot(session, slot);
    return session;
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

/** Prepares a new or empty directory for the copy. Resolves with true when the directory was created here. */
async function claimDirectory(dir: string): Promise<boolean> {
  const entries = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new BackupError(
      `could not access directory "${dir}": ${error.code === 'ENOTDIR' ? 'Not a directory' : error.code === 'EACCES' ? 'Permission denied' : error.message}`,
    );
  });
  if (entries?.length) throw new BackupError(`directory "${dir}" exists but is not empty`);
  if (entries) {
    await chmod(dir, 0o700);
    return false;
  }
  try {
    makeFolders(dir, 0o700);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new BackupError(`could not create directory "${dir}": ${code === 'EACCES' ? 'Permission denied' : message}`);
  }
  return true;
}

async function removeCopy(dir: string, isNew: boolean, say: (text: string) => void): Promise<void> {
  say(isNew ? `removing data directory "${dir}"` : `removing contents of data directory "${dir}"`);
  if (isNew) return rm(dir, { recursive: true, force: true });
  for (const name of await readdir(dir)) await rm(join(dir, name), { recursive: true, force: true });
}

/** Implements -R: writes what a standby needs to follow the server that was copied. */
async function writeRecoveryConf(
  dir: string,
  { params, host, port, user, password }: Target,
  slot: string | undefined,
): Promise<void> {
  const { replication: _always, dbname: _none, fallback_application_name: _ours, passfile: _read, ...given } = params;
  const known = { user, ...(password !== undefined && { password }), host: params.host ?? host, port: String(port) };
  const conninfo = formatConninfo({ ...known, ...given, ...known });
  const slotLine = slot === undefined ? '' : `primary_slot_name = ${quoteConf(slot)}\n`;
  await appendFile(join(dir, 'postgresql.auto.conf'), `primary_conninfo = ${quoteConf(conninfo)}\n${slotLine}`);
  await writeFile(join(dir, 'standby.signal'), '', { mode: 0o600 });
}

/** Writes at most one line a second to stderr. On a terminal each line overwrites the one before. */
function progressMeter(io: ConsoleIo) {
  let shown = 0;
  let state = { done: 0, total: 0 };
  const write = (end: string, tablespaces: string) => {
    const [done, total] = [Math.floor(state.done / 1024), Math.floor(state.total / 1024)];
    const percent = total ? Math.floor((done * 100) / total) : 100;
    io.error.write(
      `${String(done).padStart(String(total).length)}/${total} kB (${percent}%), ${tablespaces} tablespace${end}`,
    );
  };
  return {
    show(done: number, total: number) {
      state = { done, total };
      if (performance.now() - shown < 1000) return;
      shown = performance.now();
      write(io.terminal ? '\r' : '\n', '0/1');
    },
    end() {
      state = { done: state.done, total: state.done };
      write('\n', '1/1');
    },
  };
}

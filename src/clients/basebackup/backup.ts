/**
 * BASE_BACKUP and related commands on a replication connection. Source: documentation, "Streaming Replication Protocol"
 * (protocol-replication).
 */
import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { parseLsn } from '../../postgres/lsn.ts';
import { quoteLiteral } from '../../postgres/quote.ts';
import { reportMessage } from '../message.ts';
import { connectionClosed, type PgSession, type Reply } from '../session.ts';
import { unpackInto } from './unpack.ts';

export type BackupOptions = {
  readonly label: string;
  readonly fast: boolean; // request an immediate checkpoint
  readonly wal: 'stream' | 'fetch' | 'none';
  readonly manifest: boolean; // write backup_manifest
};
export type BackupEvents = {
  started(position: string, timeline: string): void;
  progress(doneBytes: number, totalBytes: number): void;
  ended(position: string): void;
};

/** An error whose message is printed unchanged after "pg_basebackup: error: ". */
export class BackupError extends Error {}

export const majorOf = (session: PgSession): number =>
  Number.parseInt(session.parameters.get('server_version') ?? '', 10);

/**
 * Copies the whole cluster into an existing, empty directory. Rejects with a BackupError, or with the error of the
 * disk.
 */
export async function backUp(
  session: PgSession,
  dir: string,
  options: BackupOptions,
  events: BackupEvents,
): Promise<void> {
  // Since 15 one stream carries archives, manifest and progress, and the first byte of each message is a letter for its
  // type.
  const typed = majorOf(session) >= 15;
  const sink = openSink(dir, options.manifest, () => void session.stream.resume());
  let failure: Error | undefined;
  const fail = (error: Error) => {
    failure ??= error;
    session.stream.destroy();
    sink.stop(error);
  };
  const written = sink.done.catch(fail);
  const results = resultReader(events);
  let copies = 0;
  let into: Into = 'tar';
  const data = (chunk: Buffer) => {
    if (into === 'tar') results.received(chunk.length);
    if (!sink.write(into, chunk)) session.stream.pause();
  };
  const copied = (chunk: Buffer) => {
    const letter = typed ? String.fromCharCode(chunk[0] ?? 0) : 'd';
    if (letter === 'm') into = 'manifest';
    else if (letter === 'd') data(typed ? chunk.subarray(1) : chunk);
  };
  await session.run(backupCommand(options, typed), (reply) => {
    if (failure) return;
    if (reply.kind === 'rows') results.rows(reply.rows, fail);
    else if (reply.kind === 'copy-begin') into = ++copies > 1 ? 'manifest' : 'tar';
    else if (reply.kind === 'copy') copied(reply.data);
    else failOnError(reply, fail, copies ? 'could not read COPY data: ' : 'could not initiate base backup: ');
  });
  if (!failure) sink.end();
  await written;
  if (failure) throw failure;
  if (options.manifest) await rename(`${join(dir, manifestName)}.tmp`, join(dir, manifestName));
}

type Into = 'tar' | 'manifest';
const manifestName = 'backup_manifest';

/** Writes the stream to files. The manifest has the suffix .tmp until it is complete. */
function openSink(dir: string, withManifest: boolean, drained: () => void) {
  const tar = unpackInto(dir, drained);
  const manifest = withManifest ? createWriteStream(`${join(dir, manifestName)}.tmp`, { mode: 0o600 }) : undefined;
  manifest?.on('drain', drained);
  return {
    write: (into: Into, chunk: Buffer): boolean =>
      into === 'tar' ? tar.write(chunk) : manifest?.write(chunk) !== false,
    end() {
      tar.end();
      manifest?.end();
    },
    stop(why: Error) {
      tar.stop(why);
      manifest?.destroy();
    },
    done: Promise.all([tar.done, manifest && finished(manifest)]),
  };
}

/**
 * Reads the server's three results: the start of the backup, the tablespaces with their sizes in kB, the end of the
 * backup.
 */
function resultReader(events: BackupEvents) {
  let result = 0;
  let done = 0;
  let total = 0;
  return {
    received(bytes: number) {
      done += bytes;
      total = Math.max(total, done); // the server's size is an estimate, and does not include the WAL
      events.progress(done, total);
    },
    rows(rows: readonly (readonly (string | null)[])[], fail: (error: Error) => void) {
      const [first = []] = rows;
      result++;
      if (result === 1) events.started(first[0] ?? '', first[1] ?? '');
      if (result === 2) {
        const elsewhere = rows.find((row) => row[1] !== null);
        if (elsewhere) fail(new BackupError(noTablespaces(elsewhere[1] ?? '')));
        total = rows.reduce((sum, row) => sum + Number(row[2] ?? 0) * 1024, 0);
      }
      if (result === 3) events.ended(first[0] ?? '');
    },
  };
}

function failOnError(reply: Reply, fail: (error: Error) => void, lead: string): void {
  if (reply.kind === 'error') fail(new BackupError(lead + reportMessage(reply.error).trimEnd()));
  else if (reply.kind === 'lost') fail(new BackupError(lead + connectionClosed));
}

/**
 * With -X stream the real program streams the WAL over a second connection during the copy. Ours asks the server for
 * both methods to append the WAL that the copy needs (option WAL). The copy is as complete, unless the server recycles
 * that WAL first; the server then reports an error.
 */
function backupCommand({ label, fast, wal, manifest }: BackupOptions, typed: boolean): string {
  const withWal = wal !== 'none';
  const words = [
    `LABEL ${quoteLiteral(label)}`,
    'PROGRESS',
    typed ? `CHECKPOINT '${fast ? 'fast' : 'spread'}'` : fast && 'FAST',
    withWal && 'WAL',
    withWal && (typed ? 'WAIT 0' : 'NOWAIT'),
    `MANIFEST '${manifest ? 'yes' : 'no'}'`,
  ].filter((word) => word !== false);
  return typed ? `BASE_BACKUP (${words.join(', ')})` : `BASE_BACKUP ${words.join(' ')}`;
}

/**
 * Runs one replication command and resolves with its first row. Rejects with a BackupError that has the real program's
 * message.
 */
export async function command(session: PgSession, text: string): Promise<readonly (string | null)[]> {
  let row: readonly (string | null)[] = [];
  let failure: Error | undefined;
  await session.run(text, (reply) => {
    if (reply.kind === 'rows') row = reply.rows[0] ?? [];
    else
      failOnError(
        reply,
        (error) => {
          failure ??= error;
        },
        `could not send replication command "${text}": `,
      );
  });
  if (failure) throw failure;
  return row;
}

/**
 * Starts to stream from a slot, as the real program does during the copy, and confirms the start position. From then on
 * the slot keeps the WAL that a standby made from this copy will ask for. The streaming ends with the session. Rejects
 * with a BackupError.
 */
export async function holdSlot(session: PgSession, slot: string): Promise<void> {
  const [, , position = null] = await command(session, 'IDENTIFY_SYSTEM');
  const at = parseLsn(position ?? '') ?? 0n;
  const confirm = () => session.sendCopyData(statusUpdate(at));
  await new Promise<void>((resolve, reject) => {
    const streaming = session.run(`START_REPLICATION SLOT "${slot}" PHYSICAL ${position}`, (reply) => {
      if (reply.kind === 'copy-both') {
        confirm();
        resolve();
      } else if (reply.kind === 'copy' && reply.data[0] === 0x6b /* k: keepalive */) confirm();
      else failOnError(reply, reject, 'could not send replication command "START_REPLICATION": ');
    });
    streaming.catch(reject);
  });
}

/**
 * Builds a "Standby status update": written and flushed up to `position`, nothing applied, and the time in microseconds
 * since 2000.
 */
function statusUpdate(position: bigint): Buffer {
  const message = Buffer.alloc(34);
  message.write('r');
  message.writeBigUInt64BE(position, 1);
  message.writeBigUInt64BE(position, 9);
  message.writeBigInt64BE(BigInt(Date.now() - Date.UTC(2000, 0)) * 1000n, 25);
  return message;
}

const noTablespaces = (path: string) =>
  `the server has a tablespace in "${path}", and this small pg_basebackup copies none; use the real pg_basebackup of the server's version, with --tablespace-mapping`;

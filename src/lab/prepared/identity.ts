/**
 * Changes the system identifier of a cluster on which no server runs, so that two labs made from one prepared state
 * are two systems: a standby of one refuses the primary of the other. `pg_createsubscriber` does the same
 * (src/bin/pg_basebackup/pg_createsubscriber.c, modify_subscriber_sysid). The identifier is in global/pg_control and in
 * the first page of each WAL segment.
 */
import { randomInt } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ProblemError } from '../problem.ts';

export const controlFile = 'global/pg_control';
export const segmentName = /^[0-9A-F]{24}$/;

/** Offsets in the long header of a page (XLogLongPageHeaderData, src/include/access/xlog_internal.h). */
const infoAt = 2;
const longHeader = 0x0002;
const identifierAt = 24;
const headerBytes = identifierAt + 8;

/** The new identifier for one from before: always the same, because a standby has the identifier of its primary. */
export type Renaming = (before: bigint) => bigint;

export function newIdentifiers(): Renaming {
  const known = new Map<bigint, bigint>();
  return (before) => {
    const after = known.get(before) ?? newIdentifier();
    known.set(before, after);
    return after;
  };
}

/** Seconds and a random part, as initdb makes one of seconds, microseconds and process (BootStrapXLOG in xlog.c). */
const newIdentifier = (): bigint => (BigInt(Math.floor(Date.now() / 1000)) << 32n) | BigInt(randomInt(2 ** 32));

/** Changes the bytes of a control file. Throws a ProblemError, before anything is changed, where it is damaged. */
export function renameControl(bytes: Buffer, path: string, rename: Renaming): void {
  const checksumAt = checksumOffset(bytes);
  if (checksumAt === undefined)
    throw new ProblemError({ what: `${path} is damaged: its checksum is wrong.`, fix: 'Use another copy.' });
  bytes.writeBigUInt64LE(rename(bytes.readBigUInt64LE(0)), 0);
  bytes.writeUInt32LE(crc32c(bytes.subarray(0, checksumAt)), checksumAt);
}

/** Changes the beginning of a WAL segment. One that PostgreSQL has made in advance is still empty, and stays so. */
export function renameSegment(bytes: Buffer, rename: Renaming): void {
  if (bytes.length < headerBytes || (bytes.readUInt16LE(infoAt) & longHeader) === 0) return;
  bytes.writeBigUInt64LE(rename(bytes.readBigUInt64LE(identifierAt)), identifierAt);
}

/** Changes the identifier in a data directory. Throws a ProblemError where its control file is damaged. */
export function renameCluster(data: string, rename: Renaming): void {
  const path = join(data, controlFile);
  const bytes = readFileSync(path);
  renameControl(bytes, path, rename);
  for (const name of readdirSync(join(data, 'pg_wal')).filter((one) => segmentName.test(one)))
    changeBeginning(join(data, 'pg_wal', name), rename);
  writeFileSync(path, bytes);
}

function changeBeginning(path: string, rename: Renaming): void {
  const file = openSync(path, 'r+');
  try {
    const header = Buffer.alloc(headerBytes);
    readSync(file, header, 0, header.length, 0);
    renameSegment(header, rename);
    writeSync(file, header, 0, header.length, 0);
  } finally {
    closeSync(file);
  }
}

/**
 * Where the checksum is: at the end of the structure, whose size differs between the majors (about 300 bytes). Found by
 * computing it, which also proves that the file is whole.
 */
function checksumOffset(bytes: Buffer): number | undefined {
  for (let at = 200; at + 4 <= Math.min(bytes.length, 512); at += 4)
    if (bytes.readUInt32LE(at) === crc32c(bytes.subarray(0, at))) return at;
  return undefined;
}

const castagnoli = 0x82f63b78;
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ castagnoli : crc >>> 1;
  return crc;
});

/** CRC-32C, as PostgreSQL computes it (src/include/port/pg_crc32c.h). */
function crc32c(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}

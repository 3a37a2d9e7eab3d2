/**
 * Changes the system identifier of a cluster on which no server runs, so that two labs made from one prepared state
 * are two systems: a standby of one refuses the primary of the other. `pg_createsubscriber` does the same
 * (src/bin/pg_basebackup/pg_createsubscriber.c, modify_subscriber_sysid). The identifier is in global/pg_control and in
 * the first page of each WAL segment.
 */

import { closeSync, openSync, readdirSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ProblemError } from '../../problem.ts';

const controlFile = 'global/pg_control';
const walName = /^[0-9A-F]{24}$/;

/** Offsets in the long header of a page (XLogLongPageHeaderData, src/include/access/xlog_internal.h). */
const infoAt = 2;
const longHeader = 0x0002;
const identifierAt = 24;

/**
 * `choose` gives the new identifier for the present one. Throws a ProblemError, before anything is changed, where the
 * control file is damaged.
 */
export function changeSystemIdentifier(data: string, choose: (before: bigint) => bigint): void {
  const path = join(data, controlFile);
  const bytes = readFileSync(path);
  const checksumAt = checksumOffset(bytes);
  if (checksumAt === undefined)
    throw new ProblemError({ what: `${path} is damaged: its checksum is wrong.`, fix: 'Use another copy.' });
  const before = bytes.readBigUInt64LE(0);
  const identifier = choose(before);
  bytes.writeBigUInt64LE(identifier, 0);
  bytes.writeUInt32LE(crc32c(bytes.subarray(0, checksumAt)), checksumAt);
  for (const name of readdirSync(join(data, 'pg_wal')).filter((one) => walName.test(one)))
    changeSegment(join(data, 'pg_wal', name), before, identifier);
  writeFileSync(path, bytes);
}

/** Leaves a segment alone whose header is not of this system: a recycled one is written before it is read. */
function changeSegment(path: string, before: bigint, identifier: bigint): void {
  const file = openSync(path, 'r+');
  try {
    const header = Buffer.alloc(identifierAt + 8);
    readSync(file, header, 0, header.length, 0);
    const isLong = (header.readUInt16LE(infoAt) & longHeader) !== 0;
    if (!isLong || header.readBigUInt64LE(identifierAt) !== before) return;
    header.writeBigUInt64LE(identifier, identifierAt);
    writeSync(file, header, identifierAt, 8, identifierAt);
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

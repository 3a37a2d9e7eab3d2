/**
 * Log sequence numbers: text like "0/3000060", and 64-bit positions. Source: documentation, "pg_lsn Type"
 * (datatype-pg-lsn).
 */

const lsn = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/;

export function parseLsn(text: string): bigint | undefined {
  const [, high, low] = lsn.exec(text) ?? [];
  return high && low ? (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`) : undefined;
}

/** As PostgreSQL up to 18 prints it, without leading zeros: "0/3000060". */
export function formatLsn(position: bigint): string {
  return `${hex(position >> 32n)}/${hex(position & 0xffffffffn)}`;
}

/** a - b in bytes. Throws an Error if one of them is not an LSN. */
export function lsnDistance(a: string, b: string): bigint {
  return position(a) - position(b);
}

/**
 * The name of the WAL file that contains this position: timeline, log, segment. Throws an Error if `lsn` is not an LSN.
 * At the first byte of a segment, pg_walfile_name() of older servers (seen on 15, not on 18) names the file before.
 */
export function walFileName(timeline: number, lsn: string, segmentBytes = 16 * 1024 * 1024): string {
  const segment = position(lsn) / BigInt(segmentBytes);
  const segmentsPerLog = 0x100000000n / BigInt(segmentBytes);
  const parts = [BigInt(timeline), segment / segmentsPerLog, segment % segmentsPerLog];
  return parts.map((part) => hex(part).padStart(8, '0')).join('');
}

function position(text: string): bigint {
  const parsed = parseLsn(text);
  if (parsed === undefined) throw new Error(`"${text}" is not a log sequence number; one looks like 0/3000060.`);
  return parsed;
}

function hex(value: bigint): string {
  return value.toString(16).toUpperCase();
}

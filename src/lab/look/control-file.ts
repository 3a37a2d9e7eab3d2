/**
 * Parses `global/pg_control`: identifier, catalog version, state and timeline have fixed offsets, in little-endian
 * order. Source: src/include/catalog/pg_control.h. Tests compare it with pg_controldata; the offsets are the same in 13
 * to 18.
 */

/** The values that pg_control_system() and pg_controldata report. */
export type ControlFile = {
  readonly systemIdentifier: string;
  readonly state: (typeof states)[number] | 'unknown';
  readonly timeline: number; // of the latest checkpoint
  readonly major?: number; // of the PostgreSQL that made the cluster; missing: none that the workshop knows
};

/** Of the released versions. Source: src/include/catalog/catversion.h. */
const majors: ReadonlyMap<number, number> = new Map([
  [202007201, 13],
  [202107181, 14],
  [202209061, 15],
  [202307071, 16],
  [202406281, 17],
  [202506291, 18],
]);

const states = [
  'starting up', // DB_STARTUP
  'shut down',
  'shut down in recovery',
  'shutting down',
  'in crash recovery',
  'in archive recovery',
  'in production',
] as const;

/** undefined: the bytes are too few for a control file. */
export function parseControlFile(bytes: Buffer): ControlFile | undefined {
  if (bytes.length < 64) return undefined;
  const major = majors.get(bytes.readUInt32LE(12));
  return {
    systemIdentifier: bytes.readBigUInt64LE(0).toString(),
    state: states[bytes.readUInt32LE(16)] ?? 'unknown',
    timeline: bytes.readUInt32LE(48),
    ...(major === undefined ? {} : { major }),
  };
}

/** Positions of the latest checkpoint: of its record, and from where a recovery begins. */
export type Checkpoint = { readonly record: bigint; readonly redo: bigint };

/** undefined: the bytes are too few for a control file. */
export const parseCheckpoint = (bytes: Buffer): Checkpoint | undefined =>
  bytes.length < 64 ? undefined : { record: bytes.readBigUInt64LE(32), redo: bytes.readBigUInt64LE(40) };

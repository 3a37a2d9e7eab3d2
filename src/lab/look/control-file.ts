/**
 * Parses `global/pg_control`: identifier, state and timeline have fixed offsets, in little-endian order. Source:
 * src/include/catalog/pg_control.h. Tests compare it with pg_controldata; the offsets are the same in 13 to 18.
 */

/** The values that pg_control_system() and pg_controldata report. */
export type ControlFile = {
  readonly systemIdentifier: string;
  readonly state: (typeof states)[number] | 'unknown';
  readonly timeline: number; // of the latest checkpoint
};

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
  return {
    systemIdentifier: bytes.readBigUInt64LE(0).toString(),
    state: states[bytes.readUInt32LE(16)] ?? 'unknown',
    timeline: bytes.readUInt32LE(48),
  };
}

/** Positions of the latest checkpoint: of its record, and from where a recovery begins. */
export type Checkpoint = { readonly record: bigint; readonly redo: bigint };

/** undefined: the bytes are too few for a control file. */
export const parseCheckpoint = (bytes: Buffer): Checkpoint | undefined =>
  bytes.length < 64 ? undefined : { record: bytes.readBigUInt64LE(32), redo: bytes.readBigUInt64LE(40) };

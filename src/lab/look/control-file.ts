/**
 * `global/pg_control`: identifier, state and timeline stand at fixed offsets in little-endian order.
 * Source: src/include/catalog/pg_control.h; compared with pg_controldata in the tests (offsets are the same on 13 to 18).
 */

/** `global/pg_control`; pg_control_system() and pg_controldata say the same. */
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

/** Undefined when the bytes are no control file. */
export function parseControlFile(bytes: Buffer): ControlFile | undefined {
  if (bytes.length < 64) return undefined;
  return {
    systemIdentifier: bytes.readBigUInt64LE(0).toString(),
    state: states[bytes.readUInt32LE(16)] ?? 'unknown',
    timeline: bytes.readUInt32LE(48),
  };
}

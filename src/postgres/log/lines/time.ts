/** Converts the time of a log line to a number, so that lines of several servers can be sorted. */

const written = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,3})\d*)?(?: ?(\S+))?$/;

/**
 * Milliseconds since 1970; undefined when the text is no complete time. A zone other than UTC or an offset counts as
 * this machine's: initdb writes that one into postgresql.conf (log_timezone), and an abbreviation is ambiguous.
 */
export function millisecondsOf(time: string): number | undefined {
  const epoch = /^\d{10}\.\d{3}$/.test(time) ? Number(time) * 1000 : undefined; // log_line_prefix %n
  const [whole, year, month, day, hour, minute, second, fraction = '0', zone = ''] = written.exec(time) ?? [];
  if (whole === undefined) return epoch;
  const parts = [year, Number(month) - 1, day, hour, minute, second, fraction.padEnd(3, '0')].map(Number);
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0, ms = 0] = parts;
  const offset = offsetOf(zone);
  if (offset === undefined) return new Date(y, mo, d, h, mi, s, ms).getTime();
  return Date.UTC(y, mo, d, h, mi, s, ms) - offset * 60_000;
}

/** Minutes east of Greenwich. undefined: an unknown zone. */
function offsetOf(zone: string): number | undefined {
  if (/^(?:UTC|GMT|Z)$/.test(zone)) return 0;
  const [whole, sign, hours, minutes = '0'] = /^([+-])(\d\d)(?::?(\d\d))?$/.exec(zone) ?? [];
  if (whole === undefined) return undefined;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

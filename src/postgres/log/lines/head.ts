/** Parses what precedes a message: the prefix (any log_line_prefix) and the word for the level. */
import { type HeadWord, headWords } from '../words.ts';

export type LogHead = {
  readonly time: string | null;
  readonly pid: number | null;
  readonly word: HeadWord;
  readonly rest: string;
};

const zone = '(?:[+-]\\d\\d(?::?\\d\\d)?|[A-Za-z]{1,6})';
const stamp = `\\d{4}-\\d\\d-\\d\\d[ T]\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?`;
const words =
  'LOG|ERROR|FATAL|STATEMENT|DETAIL|WARNING|HINT|CONTEXT|NOTICE|PANIC|INFO|DEBUG[1-5]?|QUERY|LOCATION|BACKTRACE';

/** `%m [%p] `, the default prefix: most lines of most logs. */
const defaultPrefix = new RegExp(`^(${stamp} ${zone}) \\[(\\d+)\\] (${words}):  (.*)$`, 's');
/** A hyphen before the word belongs to it ("pg-LOG"), except after a session's number: `%t-%c-`, as Azure uses. */
const general = new RegExp(
  `^(.{0,300}?)(?:(?<![\\w-])|(?<=[0-9a-f]{8}\\.[0-9a-f]{1,8}-))(${words}):( {1,2})(.*)$`,
  's',
);
const timeIn = new RegExp(`${stamp}(?: ?${zone}\\b)?|^\\d{10}\\.\\d{3}\\b`);
const pidIn = /\[(\d+)(?:-\d+)?\]|\bpid[=:] ?(\d+)/;
const session = /\b[0-9a-f]{8}\.([0-9a-f]{1,8})\b/; // %c: start time and pid of the process

/**
 * A prefix without time and process id: user and database, name=value, the kind of process, the single-user mode's
 * `backend> `, pg_ctl's dots. Other text is another program's sentence: "psql: error: connection … failed: FATAL:  …".
 */
const timeless = new RegExp(
  '^(?:backend> |waiting for server to (?:start|promote|shut down)\\.* ?|' +
    '[\\w.[\\]-]*@[\\w.[\\]-]*|(?:\\w+=[^\\s,]*[ ,]+)+|' +
    'client backend|postmaster|startup|checkpointer|background w\\w+|wal\\w+|archiver|autovacuum \\w+|logical replication \\w+|slotsync worker|logger|standalone backend|not initialized)[\\s:,|-]*$',
);

/**
 * undefined: the line begins neither a record nor a part of one. Reads at most the first 300 characters for the prefix.
 */
export function headOf(line: string): LogHead | undefined {
  const found = defaultPrefix.exec(line);
  if (found) {
    const word = headWords.get(found[3] ?? '');
    if (word) return { time: found[1] ?? null, pid: Number(found[2]), word, rest: found[4] ?? '' };
  }
  const match = general.exec(line);
  if (!match) return foreignHead(line);
  const [, prefix = '', name = '', spaces = '', rest = ''] = match;
  const word = headWords.get(name);
  return word && headWith(prefix, word, spaces.length, rest);
}

function headWith(prefix: string, word: HeadWord, spaces: number, rest: string): LogHead | undefined {
  // libpq warns with one space ("WARNING: password file …"). The server always writes two, other programs one.
  if (prefix === '')
    return spaces === 2 || word.level === 'WARNING' ? { time: null, pid: null, word, rest } : undefined;
  const time = timeIn.exec(prefix)?.[0] ?? null;
  const pid = pidOf(prefix);
  if (pid === null && spaces < 2) return undefined;
  if (pid === null && time === null && !timeless.test(prefix)) return undefined;
  return { time, pid, word, rest };
}

function pidOf(prefix: string): number | null {
  const found = pidIn.exec(prefix);
  if (found) return Number(found[1] ?? found[2]);
  const inSession = session.exec(prefix)?.[1];
  return inSession === undefined ? null : Number.parseInt(inSession, 16);
}

/** The same with a word of another language, at the place of the English word. */
function foreignHead(line: string): LogHead | undefined {
  const end = Math.min(line.length, 300);
  for (let at = line.indexOf(':'); at > 0 && at < end; at = line.indexOf(':', at + 1)) {
    const before = line.slice(0, at).trimEnd();
    const found = lastWord(before);
    if (!found) continue;
    const after = /^ {0,3}/.exec(line.slice(at + 1))?.[0] ?? '';
    const prefix = before.slice(0, before.length - found.length);
    if (prefix !== '' && !/[\s\]:>|]$/.test(prefix)) continue;
    const word = headWords.get(found);
    return word && headWith(prefix, word, Math.max(2, after.length), line.slice(at + 1 + after.length));
  }
  return undefined;
}

function lastWord(text: string): string | undefined {
  const one = /[^\s\]:>|]+$/.exec(text)?.[0] ?? '';
  if (headWords.get(one)?.english === false) return one;
  const two = /[^\s\]:>|]+ [^\s\]:>|]+$/.exec(text)?.[0] ?? '';
  return headWords.get(two)?.english === false ? two : undefined;
}

/**
 * What other programs put around a line of a server's: Docker and its compose, Kubernetes, syslog, the journal, terminal colours. Told apart line by line, since
 * one stream may hold several. Nothing is taken off where the shape is not certain.
 */

export type Carried = {
  readonly server: string; // whose line it is, where the carrier names it: a compose service, a pod, a host; else ''
  readonly program: string | null; // syslog and the journal name the program: 'postgres', 'kernel'
  readonly time: string | null; // the carrier's, as written
  readonly pid: number | null;
  readonly text: string;
  readonly rest: 'none' | 'more' | 'cut'; // more: belongs to the line before (syslog's [5-2]); cut: the next line goes on with this text (CRI's P)
  readonly unsure: boolean; // "word | …": compose writes this, and so does psql round a table
};

const esc = '\u001b';
const colours = new RegExp(`${esc}\\[[0-9;?]*[A-Za-z]|${esc}\\][^\\u0007]*\\u0007`, 'g');

/** Without colours, carriage return and byte order mark. */
export function plainLine(raw: string): string {
  const line = raw.charCodeAt(raw.length - 1) === 13 ? raw.slice(0, -1) : raw;
  if (line.charCodeAt(0) === 0xfeff) return plainLine(line.slice(1));
  return line.includes(esc) ? line.replace(colours, '') : line;
}

const bare = (text: string): Carried => ({
  server: '',
  program: null,
  time: null,
  pid: null,
  text,
  rest: 'none',
  unsure: false,
});

/** Takes off all that is around the line; undefined where there is nothing, which is cheap. */
export function carried(line: string): Carried | undefined {
  let found: Carried | undefined;
  for (let depth = 0; depth < 3; depth++) {
    const next = takenOff(found?.text ?? line);
    if (!next) break;
    found = found ? within(found, next) : next;
  }
  return found;
}

function within(outer: Carried, inner: Carried): Carried {
  return {
    server: outer.server && inner.server ? `${outer.server} ${inner.server}` : outer.server || inner.server,
    program: inner.program ?? outer.program,
    time: inner.time ?? outer.time,
    pid: inner.pid ?? outer.pid,
    text: inner.text,
    rest: inner.rest === 'none' ? outer.rest : inner.rest,
    unsure: outer.unsure && inner.unsure,
  };
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** One carrier. The first character and the place of the "T" decide what is worth a closer look. */
function takenOff(line: string): Carried | undefined {
  const first = line.charCodeAt(0);
  if (isDigit(first)) {
    if (line.charCodeAt(4) === 45) return line.charCodeAt(10) === 84 ? ofTime(line) : undefined; // 2026-11-23T
    return ofCompose(line);
  }
  if (first === 123) return ofJson(line); // {
  if (first === 60) return ofSyslog(line); // <
  if (first === 91) return line.startsWith('[pod/') ? ofPod(line) : undefined; // [
  if (first === 9 || first === 32) return undefined;
  return ofSyslog(line) ?? ofCompose(line);
}

const compose = /^([\w.-]{1,80}) +\| ?(.*)$/s;
function ofCompose(line: string): Carried | undefined {
  const bar = line.indexOf('|');
  if (bar < 1 || bar > 90) return undefined;
  const [, server = '', text = ''] = compose.exec(line) ?? [];
  return server === '' ? undefined : { ...bare(text), server, unsure: !/[-_]\d+$/.test(server) };
}

const pod = /^\[pod\/([^\]]+)\] (.*)$/s;
function ofPod(line: string): Carried | undefined {
  const found = pod.exec(line);
  return found ? { ...bare(found[2] ?? ''), server: found[1] ?? '' } : undefined;
}

const iso = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?(?:Z|[+-]\\d\\d:?\\d\\d)';
const cri = new RegExp(`^(${iso}) std(?:out|err) ([FP]) ?(.*)$`, 's');
const host = '([\\w.-]+|[\\da-f:]+)';
const program = '([A-Za-z][\\w@./\\\\-]*)(?:\\[(\\d+)\\])?';
const logged = new RegExp(`^(${iso}) ${host} ${program}: ?(.*)$`, 's'); // rsyslog's file format, journalctl -o short-iso
const lonely = /^(?:kernel|systemd|postgres\S*)$/; // others without a process id may be a sentence with a colon, behind a time
const stamped = new RegExp(`^(${iso}) (.*)$`, 's');

/** `docker logs -t`, Kubernetes' own files, and syslog with full times all begin alike. */
function ofTime(line: string): Carried | undefined {
  const inPod = cri.exec(line);
  if (inPod)
    return {
      ...bare(inPod[3] ?? ''),
      time: inPod[1] ?? null,
      rest: inPod[2] === 'P' ? 'cut' : 'none',
    };
  const [, time, server, name, pid, text] = logged.exec(line) ?? [];
  if (time && server && name && (pid || lonely.test(name))) return ofProgram({ time, server, name, pid, text });
  const found = stamped.exec(line);
  return found ? { ...bare(found[2] ?? ''), time: found[1] ?? null } : undefined;
}

const months = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
const old = new RegExp(
  `^(?:<\\d+>)?((?:${months}) [ \\d]\\d \\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?) ${host} ${program}: ?(.*)$`,
  's',
);
const rfc5424 = new RegExp(`^<\\d+>\\d (${iso}) (\\S+) (\\S+) (\\S+) \\S+ (?:-|\\[.*?\\]) ?(.*)$`, 's');

function ofSyslog(line: string): Carried | undefined {
  if (line.charCodeAt(0) === 60) {
    const [, time, server, name, pid, text] = rfc5424.exec(line) ?? [];
    if (time && server && name) return ofProgram({ time, server, name, pid: pid === '-' ? undefined : pid, text });
  } else if (line.charCodeAt(3) !== 32) return undefined; // "Nov 23 …"
  const [, time, server, name, pid, text] = old.exec(line) ?? [];
  return time && server && name ? ofProgram({ time, server, name, pid, text }) : undefined;
}

type Program = {
  readonly time: string | null;
  readonly server: string;
  readonly name: string;
  readonly pid: string | undefined;
  readonly text: string | undefined;
};

/** syslog_sequence_numbers: "[5] " alone, or "[5-1] ", "[5-2] " where one message takes several lines. syslog writes a tab as #011. */
const numbered = /^\[(\d+)(?:-(\d+))?\] ?/;

function ofProgram({ time, server, name, pid, text = '' }: Program): Carried {
  const number = numbered.exec(text);
  const own = number ? text.slice(number[0].length) : text;
  return {
    server,
    program: name,
    time,
    pid: pid === undefined ? null : Number(pid),
    text: own.includes('#011') ? own.replaceAll('#011', '\t') : own,
    rest: number?.[2] !== undefined && number[2] !== '1' ? 'more' : 'none',
    unsure: false,
  };
}

/** The files of Docker's json-file driver, `journalctl -o json`, and collectors that put a line into one field, as Google Cloud does. */
function ofJson(line: string): Carried | undefined {
  const about = jsonObject(line);
  if (!about) return undefined;
  const { log, stream, time, MESSAGE, _PID, _HOSTNAME, SYSLOG_IDENTIFIER } = about;
  if (typeof log === 'string' && typeof stream === 'string')
    return {
      ...bare(log.replace(/\r?\n$/, '')),
      time: typeof time === 'string' ? time : null,
      rest: log.endsWith('\n') ? 'none' : 'cut',
    };
  if (typeof MESSAGE !== 'string') return ofCollector(about);
  return ofProgram({
    time: null,
    server: String(_HOSTNAME ?? ''),
    name: String(SYSLOG_IDENTIFIER ?? 'postgres'),
    pid: _PID === undefined ? undefined : String(_PID),
    text: MESSAGE,
  });
}

const someHead = /(?:LOG|ERROR|FATAL|PANIC|WARNING|DETAIL|HINT|CONTEXT|STATEMENT|NOTICE): {2}/;

/** Others say more in the same fields: of these only a text that holds the prefix of a server. */
function ofCollector(about: Readonly<Record<string, unknown>>): Carried | undefined {
  const { textPayload, timestamp, error_severity } = about;
  if (error_severity !== undefined) return undefined; // jsonlog
  const text =
    textPayload ??
    [about['@message'], about.message, about.msg].find((value) => typeof value === 'string' && someHead.test(value));
  if (typeof text !== 'string') return undefined;
  return { ...bare(text.replace(/\r?\n$/, '')), time: typeof timestamp === 'string' ? timestamp : null };
}

/** undefined: no object, or no JSON at all. */
export function jsonObject(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.trimEnd().endsWith('}')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // a line that only looks like JSON is shown as it is
  }
}

/**
 * Removes what other programs put around a server's line: Docker and compose, Kubernetes, syslog, the journal, terminal
 * colours. Decides line by line, because one stream may mix them, and removes only what is certain.
 */

export type Carried = {
  /** The server's name, where the transport has it: a compose service, a pod, a host; else ''. */
  readonly server: string;
  readonly program: string | null; // from syslog and the journal: 'postgres', 'kernel'
  readonly time: string | null; // the transport's, as written
  readonly pid: number | null;
  readonly text: string;
  /** 'more': continues the line before (syslog's [5-2]). 'cut': the next line continues this text (CRI's P). */
  readonly rest: 'none' | 'more' | 'cut';
  readonly unsure: boolean; // "word | …" is written by compose, and by psql in tables
};

const esc = '\u001b';
const colours = new RegExp(`${esc}\\[[0-9;?]*[A-Za-z]|${esc}\\][^\\u0007]*\\u0007`, 'g');

/** Removes colours, carriage return and byte order mark. */
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

/** Removes all transports around the line. undefined: there is none, which is decided cheaply. */
export function carried(line: string): Carried | undefined {
  let found: Carried | undefined;
  for (let depth = 0; depth < 3; depth++) {
    const next = unwrapOnce(found?.text ?? line);
    if (!next) break;
    found = found ? nested(found, next) : next;
  }
  return found;
}

function nested(outer: Carried, inner: Carried): Carried {
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

/** Removes one transport. The first character and the place of the "T" decide which pattern is tried. */
function unwrapOnce(line: string): Carried | undefined {
  const first = line.charCodeAt(0);
  if (isDigit(first)) {
    if (line.charCodeAt(4) === 45) return line.charCodeAt(10) === 84 ? fromTimed(line) : undefined; // 2026-11-23T
    return fromCompose(line);
  }
  if (first === 123) return fromJson(line); // {
  if (first === 60) return fromSyslog(line); // <
  if (first === 91) return line.startsWith('[pod/') ? fromPod(line) : undefined; // [
  if (first === 9 || first === 32) return undefined;
  return fromSyslog(line) ?? fromCompose(line);
}

const compose = /^([\w.-]{1,80}) +\| ?(.*)$/s;
function fromCompose(line: string): Carried | undefined {
  const bar = line.indexOf('|');
  if (bar < 1 || bar > 90) return undefined;
  const [, server = '', text = ''] = compose.exec(line) ?? [];
  return server === '' ? undefined : { ...bare(text), server, unsure: !/[-_]\d+$/.test(server) };
}

const pod = /^\[pod\/([^\]]+)\] (.*)$/s;
function fromPod(line: string): Carried | undefined {
  const found = pod.exec(line);
  return found ? { ...bare(found[2] ?? ''), server: found[1] ?? '' } : undefined;
}

const iso = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?(?:Z|[+-]\\d\\d:?\\d\\d)';
const cri = new RegExp(`^(${iso}) std(?:out|err) ([FP]) ?(.*)$`, 's');
const host = '([\\w.-]+|[\\da-f:]+)';
const program = '([A-Za-z][\\w@./\\\\-]*)(?:\\[(\\d+)\\])?';
/** The format of rsyslog's files and of journalctl -o short-iso. */
const logged = new RegExp(`^(${iso}) ${host} ${program}: ?(.*)$`, 's');
// A line of another program without process id may be a sentence with a colon after a time.
const programWithoutPid = /^(?:kernel|systemd|postgres\S*)$/;
const stamped = new RegExp(`^(${iso}) (.*)$`, 's');

/** `docker logs -t`, Kubernetes' files, and syslog with full times all begin alike. */
function fromTimed(line: string): Carried | undefined {
  const inPod = cri.exec(line);
  if (inPod)
    return {
      ...bare(inPod[3] ?? ''),
      time: inPod[1] ?? null,
      rest: inPod[2] === 'P' ? 'cut' : 'none',
    };
  const [, time, server, name, pid, text] = logged.exec(line) ?? [];
  if (time && server && name && (pid || programWithoutPid.test(name)))
    return fromProgram({ time, server, name, pid, text });
  const found = stamped.exec(line);
  return found ? { ...bare(found[2] ?? ''), time: found[1] ?? null } : undefined;
}

const months = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
const rfc3164 = new RegExp(
  `^(?:<\\d+>)?((?:${months}) [ \\d]\\d \\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?) ${host} ${program}: ?(.*)$`,
  's',
);
const rfc5424 = new RegExp(`^<\\d+>\\d (${iso}) (\\S+) (\\S+) (\\S+) \\S+ (?:-|\\[.*?\\]) ?(.*)$`, 's');

function fromSyslog(line: string): Carried | undefined {
  if (line.charCodeAt(0) === 60) {
    const [, time, server, name, pid, text] = rfc5424.exec(line) ?? [];
    if (time && server && name) return fromProgram({ time, server, name, pid: pid === '-' ? undefined : pid, text });
  } else if (line.charCodeAt(3) !== 32) return undefined; // as in "Nov 23 …"
  const [, time, server, name, pid, text] = rfc3164.exec(line) ?? [];
  return time && server && name ? fromProgram({ time, server, name, pid, text }) : undefined;
}

type Program = {
  readonly time: string | null;
  readonly server: string;
  readonly name: string;
  readonly pid: string | undefined;
  readonly text: string | undefined;
};

/** syslog_sequence_numbers: "[5] ", or "[5-1] ", "[5-2] " for the lines of one message. syslog writes a tab as #011. */
const sequenceNumber = /^\[(\d+)(?:-(\d+))?\] ?/;

function fromProgram({ time, server, name, pid, text = '' }: Program): Carried {
  const number = sequenceNumber.exec(text);
  const content = number ? text.slice(number[0].length) : text;
  return {
    server,
    program: name,
    time,
    pid: pid === undefined ? null : Number(pid),
    text: content.includes('#011') ? content.replaceAll('#011', '\t') : content,
    rest: number?.[2] !== undefined && number[2] !== '1' ? 'more' : 'none',
    unsure: false,
  };
}

/** Docker's json-file driver, `journalctl -o json`, and collectors with a field for the line (Google Cloud). */
function fromJson(line: string): Carried | undefined {
  const about = jsonObject(line);
  if (!about) return undefined;
  const { log, stream, time, MESSAGE, _PID, _HOSTNAME, SYSLOG_IDENTIFIER } = about;
  if (typeof log === 'string' && typeof stream === 'string')
    return {
      ...bare(log.replace(/\r?\n$/, '')),
      time: typeof time === 'string' ? time : null,
      rest: log.endsWith('\n') ? 'none' : 'cut',
    };
  if (typeof MESSAGE !== 'string') return fromCollector(about);
  return fromProgram({
    time: null,
    server: String(_HOSTNAME ?? ''),
    name: String(SYSLOG_IDENTIFIER ?? 'postgres'),
    pid: _PID === undefined ? undefined : String(_PID),
    text: MESSAGE,
  });
}

const messageHead = /(?:LOG|ERROR|FATAL|PANIC|WARNING|DETAIL|HINT|CONTEXT|STATEMENT|NOTICE): {2}/;

/** Collectors use these fields for other text too, so this requires the head of a server's message in it. */
function fromCollector(about: Readonly<Record<string, unknown>>): Carried | undefined {
  const { textPayload, timestamp, error_severity } = about;
  if (error_severity !== undefined) return undefined; // jsonlog
  const text =
    textPayload ??
    [about['@message'], about.message, about.msg].find((value) => typeof value === 'string' && messageHead.test(value));
  if (typeof text !== 'string') return undefined;
  return { ...bare(text.replace(/\r?\n$/, '')), time: typeof timestamp === 'string' ? timestamp : null };
}

/** undefined: not an object, or not JSON. */
export function jsonObject(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.trimEnd().endsWith('}')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // a line that only looks like JSON stays as it is
  }
}

/** One record of a server log. */
export type LogLevel = 'DEBUG' | 'INFO' | 'NOTICE' | 'WARNING' | 'ERROR' | 'LOG' | 'FATAL' | 'PANIC';
export type LogRecord = {
  readonly line: number; // of its first line in the text, from 1
  readonly lines: number; // how many lines it takes
  readonly time: string | null; // as written, zone included: '2026-11-23 14:02:11.123 UTC'; the carrier's (syslog, Docker) where the line has none
  readonly pid: number | null;
  readonly level: LogLevel | null; // null: a line that is no record of the server's (initdb's, the entrypoint's, another program's)
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly context?: string; // with QUERY and LOCATION, each under its own word
  readonly statement?: string;
  readonly server?: string; // whose record it is, where one text holds the logs of several: a compose service, a pod, a host
  readonly foreign?: true; // the server writes in another language than English
};

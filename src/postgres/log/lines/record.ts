/** One record of a server log. */
export type LogLevel = 'DEBUG' | 'INFO' | 'NOTICE' | 'WARNING' | 'ERROR' | 'LOG' | 'FATAL' | 'PANIC';
export type LogRecord = {
  readonly line: number; // of its first line in the text, from 1
  readonly lines: number; // how many lines it has
  /**
   * As written, with its zone: '2026-11-23 14:02:11.123 UTC'; the transport's (syslog, Docker) if the line has none.
   */
  readonly time: string | null;
  readonly pid: number | null;
  /** null: a line that is not the server's (initdb's, the entrypoint's, another program's). */
  readonly level: LogLevel | null;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly context?: string; // with QUERY and LOCATION, each after its own word
  readonly statement?: string;
  /** The server, where one text contains the logs of several: a compose service, a pod, a host. */
  readonly server?: string;
  readonly foreign?: true; // the server's messages are not English
};

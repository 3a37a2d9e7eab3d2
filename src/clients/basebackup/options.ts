/** The options of our pg_basebackup, their validation, and its help. */
export const options = {
  directory: { short: 'D', long: 'pgdata', value: true },
  format: { short: 'F', long: 'format', value: true },
  walMethod: { short: 'X', long: 'wal-method', value: true },
  checkpoint: { short: 'c', long: 'checkpoint', value: true },
  recoveryConf: { short: 'R', long: 'write-recovery-conf' },
  slot: { short: 'S', long: 'slot', value: true },
  createSlot: { short: 'C', long: 'create-slot' },
  noSlot: { long: 'no-slot' },
  label: { short: 'l', long: 'label', value: true },
  progress: { short: 'P', long: 'progress' },
  verbose: { short: 'v', long: 'verbose' },
  noClean: { short: 'n', long: 'no-clean' },
  noSync: { short: 'N', long: 'no-sync' },
  noManifest: { long: 'no-manifest' },
  conninfo: { short: 'd', long: 'dbname', value: true },
  host: { short: 'h', long: 'host', value: true },
  port: { short: 'p', long: 'port', value: true },
  user: { short: 'U', long: 'username', value: true },
  neverAsk: { short: 'w', long: 'no-password' },
  alwaysAsk: { short: 'W', long: 'password' },
  version: { short: 'V', long: 'version' },
  help: { short: '?', long: 'help' },
} as const;

export type GivenOptions = {
  readonly has: (name: keyof typeof options) => boolean;
  readonly last: (name: keyof typeof options) => string | undefined;
};

export const tryHelp = 'hint: Try "pg_basebackup --help" for more information.';
export const walMethods: Readonly<Record<string, 'stream' | 'fetch' | 'none'>> = {
  s: 'stream',
  stream: 'stream',
  f: 'fetch',
  fetch: 'fetch',
  n: 'none',
  none: 'none',
};

type Rule = readonly [wrong: boolean, words: string];

/** Returns the real program's message for wrong options; `hint`: a line about --help follows it. */
export function misuse({ has, last }: GivenOptions): { readonly words: string; readonly hint: boolean } | undefined {
  const values: readonly Rule[] = [
    [
      !walMethods[last('walMethod') ?? 'stream'],
      `invalid wal-method option "${last('walMethod')}", must be "fetch", "stream", or "none"`,
    ],
    [
      !/^(fast|spread)$/i.test(last('checkpoint') ?? 'fast'),
      `invalid checkpoint argument "${last('checkpoint')}", must be "fast" or "spread"`,
    ],
    [/^(t|tar)$/.test(last('format') ?? 'p'), 'this small pg_basebackup writes plain directories only, no tar files'],
    [!/^(p|plain)$/.test(last('format') ?? 'p'), `invalid output format "${last('format')}", must be "plain" or "tar"`],
  ];
  const together: readonly Rule[] = [
    [!last('directory'), 'must specify output directory or backup target'],
    [
      has('slot') && walMethods[last('walMethod') ?? 'stream'] !== 'stream',
      'replication slots can only be used with WAL streaming',
    ],
    [has('slot') && has('noSlot'), '--no-slot cannot be used with slot name'],
    [has('createSlot') && !has('slot'), '--create-slot needs a slot to be specified using --slot'],
    [has('createSlot') && has('noSlot'), '--create-slot and --no-slot are incompatible options'],
  ];
  const first = (rules: readonly Rule[]) => rules.find(([wrong]) => wrong)?.[1];
  const [value, words] = [first(values), first(together)];
  return value ? { words: value, hint: false } : words ? { words, hint: true } : undefined;
}

export const versionText = "pg_basebackup (repl-workshop's own small one, for servers 13 to 18)\n";

export const helpText = `A small pg_basebackup, for machines without the real one: copies a running server into a directory.

Usage:
  pg_basebackup [OPTION]...

  -D, --pgdata=DIRECTORY         receive the copy here: a new or empty directory
  -X, --wal-method=none|fetch|stream   include the WAL that the copy needs (default: stream)
  -c, --checkpoint=fast|spread   fast: do not wait for the server's next checkpoint
  -R, --write-recovery-conf      write primary_conninfo and standby.signal
  -S, --slot=NAME                replication slot to use    -C, --create-slot  create it first
  -l, --label=LABEL              label of the backup
  -P, --progress                 show progress              -v, --verbose      say what happens
  -n, --no-clean                 leave a failed copy        -N, --no-sync      do not wait for the disk
      --no-manifest              write no backup_manifest
  -d, --dbname=CONNSTR           connection string
  -h, --host=HOST                -p, --port=PORT            -U, --username=NAME
  -w, --no-password              never ask                  -W, --password     always ask
`;

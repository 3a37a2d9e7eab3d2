/**
 * The state of a lab at the start of a lesson, and changes to it. Files and logs are real text, read by the real
 * parsers.
 */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { emptyJournal, type Journal, type Seen } from '../../src/check/journal.ts';
import type { ContainerView, ForeignContainer } from '../../src/lab/docker/container-view.ts';
import type {
  Disk,
  HbaFile,
  NetworkView,
  ProcessState,
  Role,
  Sender,
  ServerView,
  Sql,
} from '../../src/lab/observation.ts';
import { tutorialSecrets } from '../../src/lab/secrets/secrets.ts';
import { parseConf } from '../../src/postgres/conf/conf.ts';
import { parseHba } from '../../src/postgres/hba/hba.ts';
import { parseLog } from '../../src/postgres/log/log.ts';
import { secrets } from '../lesson/plan.ts';

export type Open<T> = T extends object ? { -readonly [key in keyof T]: Open<T[key]> } : T;
type Draft = {
  name: string;
  process: Open<ServerView['process']>;
  disk: Open<Disk>;
  sql: Open<Sql> | { what: string; fix: string };
  log: Open<ServerView['log']>;
  addresses: Open<ServerView['addresses']>;
  container?: Open<ContainerView>;
  foreign?: ForeignContainer;
};
type Engine = 'native' | 'docker';
export type LabState = {
  readonly now: {
    at: string;
    engine: Engine;
    major: number;
    network?: NetworkView;
    servers: Record<'master' | 'slave', Draft>;
  };
  journal: Open<Journal>;
};
export type Change = (lab: LabState) => void;
export type Name = 'master' | 'slave';

const startedAt = '2026-11-23T14:00:00.000Z';
const savedAt = '2026-11-23T14:02:11.000Z';
const loadedAt = '2026-11-23T14:02:12.000Z';
const later = '2026-11-23T14:02:23.000Z';
const ids = { master: '7711166598834475046', slave: '7711166989910560805' };
const ports = { master: 5432, slave: 5433 };

const hbaText = `local   all             all                                     trust
host    all             all             127.0.0.1/32            scram-sha-256
#local   replication     all                                     trust
#host    replication     all             127.0.0.1/32            scram-sha-256
`;
/** The pg_hba.conf that the postgres image makes. */
const imageHba = `local   all             all                                     trust
host    all             all             127.0.0.1/32            trust
local   replication     all                                     trust
host    replication     all             127.0.0.1/32            trust
host    replication     all             ::1/128                 trust

host all all all scram-sha-256
`;
export const conninfoLine = (
  params = `application_name=slave1 host=127.0.0.1 port=5432 user=slave password=${secrets.replication}`,
): string => `primary_conninfo = '${params}'`;
export const hbaLine = 'host replication slave 127.0.0.1/32 scram-sha-256';

/** The differences between the two engines in the same lesson. */
const kinds = {
  native: {
    hba: hbaText,
    line: hbaLine,
    params: `application_name=slave1 host=127.0.0.1 port=5432 user=slave password=${secrets.replication}`,
    secrets,
    address: '127.0.0.1',
    host: '127.0.0.1',
    port: (name: Name) => ports[name],
    path: (name: Name) => `rep/${name}_data`,
  },
  docker: {
    hba: imageHba,
    line: 'host replication slave samenet scram-sha-256',
    params: `application_name=slave1 host=master port=5432 user=slave password=${tutorialSecrets.replication}`,
    secrets: tutorialSecrets,
    address: '172.18.0.3',
    host: 'master',
    port: () => 5432,
    path: (name: Name) => `rep/${name}_data/18/docker`,
  },
} as const;
const kindOf = ({ now }: LabState) => kinds[now.engine];

type Lesson = 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11;

/** The lab at the start of a lesson, on native servers. */
export const at = (lesson: Lesson, ...changes: readonly Change[]): Seen => begun('native', lesson, changes);
/** The lab at the start of a lesson, on Docker. */
export const atDocker = (lesson: Lesson, ...changes: readonly Change[]): Seen => begun('docker', lesson, changes);

function begun(engine: Engine, lesson: Lesson, changes: readonly Change[]): Seen {
  const network = engine === 'docker' ? { network: { name: 'rep', there: lesson > 2, driver: 'bridge' } } : {};
  const servers = { master: nothing('master', engine), slave: nothing('slave', engine) };
  const lab: LabState = {
    now: { at: later, engine, major: 18, ...network, servers },
    journal: structuredClone(emptyJournal) as Open<Journal>,
  };
  const kind = kinds[engine];
  const steps: readonly (readonly [number, Change])[] = [
    [3, (it) => [running('master')(it), running('slave')(it)]],
    [4, role()],
    [
      5,
      (it) => [
        hba('master', `${kind.hba}${kind.line}\n`)(it),
        log(
          'master',
          'LOG:  received SIGHUP, reloading configuration files',
          'LOG:  received replication command: IDENTIFY_SYSTEM',
        )(it),
      ],
    ],
    [6, (it) => [cloned()(it), engine === 'native' && conf('slave', 'port = 5433')(it)]],
    [7, conf('slave', conninfoLine(kind.params))],
    [8, signals('standby.signal')],
    [9, streaming()],
    [10, (it) => [row('master', '1')(it), row('slave', '1')(it)]],
    [
      11,
      (it) => [
        conf('master', "synchronous_standby_names = 'first 1 (slave1)'")(it),
        loads('master')(it),
        sender({ syncState: 'sync', syncPriority: 1 })(it),
      ],
    ],
  ];
  for (const [from, step] of steps) if (lesson >= from) step(lab);
  for (const change of changes) change(lab);
  return lab as unknown as Seen;
}

/** A copy of this lab with further changes. */
export const but = (seen: Seen, ...changes: readonly Change[]): Seen => {
  const lab = structuredClone(seen) as unknown as LabState;
  for (const change of changes) change(lab);
  return lab as unknown as Seen;
};

export const diskOf = ({ now }: LabState, name: Name): Open<Disk> => now.servers[name].disk;
export function sqlOf({ now }: LabState, name: Name): Open<Sql> {
  const { sql } = now.servers[name];
  if ('what' in sql) throw new Error(`${name} has no SQL answers in this lab`);
  return sql;
}

// ---- Files ----

export const disk =
  (name: Name, change: Partial<Open<Disk>>): Change =>
  (lab) =>
    void Object.assign(diskOf(lab, name), change);
export const signals = (...names: string[]): Change => disk('slave', { signals: names });

const confFile = (lab: LabState, name: Name, file: string, text: string) => {
  const path = `${diskOf(lab, name).path}/${file}`;
  const { settings, commented, errors } = parseConf(text, path);
  return {
    path,
    content: text,
    savedAt,
    settings,
    commented: commented.filter((one) => one.value !== ''),
    errors,
  } as Open<Disk['conf'][number]>;
};

/** The lines that a learner adds to postgresql.conf, below the port that the lab's initdb wrote. */
export const conf =
  (name: Name, ...lines: readonly string[]): Change =>
  (lab) => {
    const main = diskOf(lab, name).conf[0];
    const before = main && 'settings' in main ? [...main.settings, ...main.commented].map(({ text }) => text) : [];
    diskOf(lab, name).conf = [
      confFile(lab, name, 'postgresql.conf', [...before, ...lines].join('\n')),
      ...diskOf(lab, name).conf.slice(1),
    ];
  };
export const confOnly =
  (name: Name, ...lines: readonly string[]): Change =>
  (lab) => {
    diskOf(lab, name).conf = [
      confFile(lab, name, 'postgresql.conf', lines.join('\n')),
      ...diskOf(lab, name).conf.slice(1),
    ];
  };
export const autoConf =
  (name: Name, ...lines: readonly string[]): Change =>
  (lab) => {
    diskOf(lab, name).conf = [
      ...diskOf(lab, name).conf.slice(0, 1),
      confFile(lab, name, 'postgresql.auto.conf', lines.join('\n')),
    ];
  };
/** A reload: the settings of the files take effect. */
export const loads =
  (name: Name): Change =>
  (lab) => {
    const sql = sqlOf(lab, name);
    for (const file of diskOf(lab, name).conf) {
      if ('settings' in file) for (const one of file.settings) sql.settings[one.name] = setting(one.value);
    }
    sql.loadedAt = loadedAt;
  };
export const inEffect =
  (name: Name, parameter: string, value: string, source = 'configuration file'): Change =>
  (lab) => {
    sqlOf(lab, name).settings[parameter] = { ...setting(value), source };
  };
const setting = (value: string) => ({
  value,
  source: 'configuration file',
  file: null,
  line: null,
  pendingRestart: false,
});

export const hba =
  (name: Name, text: string, saved = savedAt): Change =>
  (lab) => {
    diskOf(lab, name).hba = {
      path: `${diskOf(lab, name).path}/pg_hba.conf`,
      savedAt: saved,
      ...parseHba(text),
      texts: [{ path: `${diskOf(lab, name).path}/pg_hba.conf`, content: text }],
    } as Open<HbaFile>;
  };
/** Lines that a learner appends to the master's pg_hba.conf. */
export const hbaLines =
  (...lines: readonly string[]): Change =>
  (lab) =>
    hba('master', `${kindOf(lab).hba}${lines.join('\n')}\n`)(lab);
export const savedLater: Change = (lab) => hba('master', `${kindOf(lab).hba}${kindOf(lab).line}\n`, later)(lab);

// ---- Processes ----

function nothing(name: Name, engine: Engine): Draft {
  const address = { host: '127.0.0.1', port: ports[name] };
  return {
    name,
    addresses:
      engine === 'docker'
        ? addressesOf(name, undefined)
        : [
            { ...address, from: 'servers' },
            { ...address, from: 'learner' },
          ],
    process: { state: 'absent' },
    disk: {
      path: kinds[engine].path(name),
      state: 'absent',
      conf: [],
      hba: null,
      ident: null,
      signals: [],
      backupLabel: null,
      backupLabelOld: false,
      neverStarted: false,
      control: null,
      leftBeside: [],
    },
    sql: notRunning(name),
    log: { file: engine === 'docker' ? null : `logs/${name}.log`, since: 0, size: 0, records: [] },
  };
}

const notRunning = (name: Name) => ({ what: `${name} does not run, so it cannot be asked.`, fix: 'Start it.' });

export const madeByInitdb =
  (name: Name): Change =>
  (lab) => {
    Object.assign(diskOf(lab, name), {
      state: 'cluster',
      mode: '0700',
      ownedByServer: true,
      major: 18,
      control: { systemIdentifier: ids[name], state: 'shut down', timeline: 1 },
    });
    confOnly(name, ...(lab.now.engine === 'native' ? [`port = ${ports[name]}`] : []))(lab);
    autoConf(name)(lab);
    hba(name, kindOf(lab).hba, startedAt)(lab);
    lab.now.servers[name].process = { state: 'created' };
    contain(lab, name);
  };

export const running =
  (name: Name): Change =>
  (lab) => {
    if (diskOf(lab, name).state !== 'cluster') madeByInitdb(name)(lab);
    const { control } = diskOf(lab, name);
    if (control) control.state = 'in production';
    lab.now.servers[name].process = { state: 'up', pid: name === 'master' ? 101 : 201, port: ports[name], startedAt };
    lab.now.servers[name].sql = answers(lab, name, control?.systemIdentifier ?? '');
    contain(lab, name);
  };

function answers(lab: LabState, name: Name, systemIdentifier: string): Open<Sql> {
  return {
    through: 'socket',
    now: later,
    startedAt,
    loadedAt,
    version: '18.4',
    dataDirectory: kindOf(lab).path(name),
    port: kindOf(lab).port(name),
    inRecovery: false,
    systemIdentifier,
    timeline: 1,
    settings: {
      primary_conninfo: setting(''),
      synchronous_standby_names: setting(''),
      log_replication_commands: setting('on'),
      track_commit_timestamp: setting('on'),
      password_encryption: setting('scram-sha-256'),
    },
    confErrors: [],
    hbaErrors: [],
    roles: [
      {
        name: 'postgres',
        login: true,
        replication: true,
        superuser: true,
        validUntil: null,
        expired: false,
        password: verifier(kindOf(lab).secrets.servers[name] ?? ''),
      },
    ],
    databases: [name, 'postgres'],
    closed: [],
    branches: [],
    senders: [],
    slots: [],
    receiver: null,
    waiting: [],
    position: { role: 'primary', current: '0/3000148' },
    newest: null,
  };
}

export const state =
  (name: Name, to: ProcessState): Change =>
  (lab) => {
    const { process } = lab.now.servers[name];
    const hasEnded = ['absent', 'created', 'stopped', 'failed'].includes(to);
    lab.now.servers[name].process = { ...(hasEnded ? {} : process), state: to };
    if (to !== 'up') lab.now.servers[name].sql = notRunning(name);
    contain(lab, name);
  };
export const stopped =
  (name: Name): Change =>
  (lab) => {
    state(name, 'stopped')(lab);
    const { control } = diskOf(lab, name);
    if (control) control.state = control.state === 'in archive recovery' ? 'shut down in recovery' : 'shut down';
  };
/** The server did not start; `lines` are the last lines of its log. */
export const failed =
  (name: Name, ...lines: readonly string[]): Change =>
  (lab) => {
    state(name, 'failed')(lab);
    log(name, ...lines)(lab);
  };
export const cannotAsk =
  (name: Name, what = `${name} turned the workshop away`): Change =>
  (lab) => {
    lab.now.servers[name].sql = { what, fix: 'Look at its log.' };
  };

/** Appends to the log of this start; 'DETAIL:' and the like continue the line before. */
export const log =
  (name: Name, ...lines: readonly string[]): Change =>
  (lab) => {
    const view = lab.now.servers[name];
    const stamp = (line: string) => (line.startsWith('\t') ? line : `2026-11-23 14:02:20.123 UTC [101] ${line}`);
    view.log.records = [
      ...view.log.records,
      ...(parseLog(lines.map(stamp).join('\n')) as Open<ServerView['log']>['records']),
    ];
  };
export const freshLog =
  (name: Name): Change =>
  (lab) => {
    lab.now.servers[name].log.records = [];
  };

// ---- Containers ----

const gateway = '172.18.0.1';
export const network = (name: string, address: string | null) =>
  address === null
    ? { name, address, prefix: null, gateway: null }
    : { name, address, prefix: 16, gateway: address.replace(/\d+$/, '1') };

/** The addresses of a container, as src/lab/docker observes them. */
export function addressesOf(name: Name, container: Open<ContainerView> | undefined): Draft['addresses'] {
  const inside = [name, container?.id, ...(container?.networks ?? []).map(({ address }) => address)];
  const published = container?.published ?? [{ host: '127.0.0.1', port: ports[name] }];
  const gateways = container?.networks.some(({ address }) => address) ? [gateway] : [];
  return [
    ...inside.flatMap((host) => (host ? [{ host, port: 5432, from: 'servers' } as const] : [])),
    ...published.map(({ port }) => ({ host: '127.0.0.1', port, from: 'learner' }) as const),
    ...published.flatMap(({ port }) =>
      ['host.docker.internal', ...gateways].map((host) => ({ host, port, from: 'servers' }) as const),
    ),
  ];
}

const stateOfContainer: Readonly<Record<Exclude<ProcessState, 'absent'>, ContainerView['state']>> = {
  created: 'exited',
  starting: 'running',
  up: 'running',
  hung: 'running',
  paused: 'paused',
  restarting: 'restarting',
  stopped: 'exited',
  failed: 'exited',
};

/** On Docker, brings the server's container into the state of its process. An absent process leaves it as it is. */
function contain(lab: LabState, name: Name): void {
  const view = lab.now.servers[name];
  const { state: of } = view.process;
  if (lab.now.engine === 'native' || of === 'absent') return;
  const to = stateOfContainer[of];
  const here = ['running', 'paused'].includes(to);
  const address = here ? (name === 'master' ? '172.18.0.2' : '172.18.0.3') : null;
  view.container = {
    id: name === 'master' ? '4fb3de54c363' : '1ae649526714',
    name,
    image: 'postgres:18',
    major: 18,
    outOfMemory: false,
    error: null,
    health: null,
    initialising: false,
    published: [{ host: '127.0.0.1', port: ports[name] }],
    user: null,
    aliases: [],
    lessonsPort: ports[name],
    mount: {
      kind: 'folder',
      source: `/home/me/repl-workshop/rep/${name}_data`,
      target: '/var/lib/postgresql',
      shown: `rep/${name}_data`,
    },
    others: [],
    data: '/var/lib/postgresql/18/docker',
    ours: true,
    ...view.container,
    networks: (view.container?.networks ?? [network('rep', null)]).map((one) => network(one.name, address)),
    state: to,
    exitCode: here || to === 'restarting' ? null : of === 'failed' ? 1 : 0,
  };
  view.addresses = addressesOf(name, view.container);
  view.log.file = `docker logs ${name}`;
}

// ---- What the learner does ----

/** The copy of `pg_basebackup`: with backup_label, never started. */
export const cloned = (): Change => (lab) => {
  const copy = structuredClone(diskOf(lab, 'master'));
  lab.now.servers.slave.disk = {
    ...copy,
    path: kindOf(lab).path('slave'),
    leftBeside: ['rep/slave_data.old'],
    backupLabel: { startWal: '0/2000028', from: 'primary', method: 'streamed' },
  };
  confOnly('slave', ...(lab.now.engine === 'native' ? ['port = 5432'] : []))(lab);
  autoConf('slave')(lab);
  hba('slave', `${kindOf(lab).hba}${kindOf(lab).line}\n`)(lab);
  state('slave', 'created')(lab);
  freshLog('slave')(lab);
  log('master', "LOG:  received replication command: BASE_BACKUP ( LABEL 'pg_basebackup base backup' )")(lab);
};

/** The slave, started as a standby and connected. */
const streaming = (): Change => (lab) => {
  running('slave')(lab);
  const standby = sqlOf(lab, 'slave');
  const { control } = diskOf(lab, 'slave');
  if (control) control.state = 'in archive recovery';
  Object.assign(diskOf(lab, 'slave'), { backupLabel: null, backupLabelOld: true });
  Object.assign(standby, {
    inRecovery: true,
    roles: structuredClone(sqlOf(lab, 'master').roles),
    databases: ['master', 'postgres'],
    closed: [],
    position: { role: 'standby', received: '0/3000148', replayed: '0/3000148', paused: false },
    receiver: {
      status: 'streaming',
      senderHost: kindOf(lab).host,
      senderPort: 5432,
      slot: null,
      conninfo: `host=${kindOf(lab).host}`,
      timeline: 1,
      flushed: '0/3000148',
    },
  });
  loads('slave')(lab);
  sqlOf(lab, 'master').senders = [
    {
      pid: 111,
      user: 'slave',
      applicationName: 'slave1',
      clientAddress: kindOf(lab).address,
      state: 'streaming',
      syncState: 'async',
      syncPriority: 0,
      sent: '0/3000148',
      write: '0/3000148',
      flush: '0/3000148',
      replay: '0/3000148',
      writeLag: null,
      flushLag: null,
      replayLag: null,
    },
  ];
  log(
    'slave',
    'LOG:  entering standby mode',
    'LOG:  database system is ready to accept read-only connections',
    'LOG:  started streaming WAL from primary at 0/3000000 on timeline 1',
  )(lab);
};
export const disconnected =
  (...lines: readonly string[]): Change =>
  (lab) => {
    sqlOf(lab, 'master').senders = [];
    sqlOf(lab, 'slave').receiver = null;
    log('slave', ...lines)(lab);
  };
export const sender =
  (change: Partial<Sender>): Change =>
  (lab) => {
    const [first] = sqlOf(lab, 'master').senders;
    if (first) Object.assign(first, change);
  };
export const noSender: Change = (lab) => {
  sqlOf(lab, 'master').senders = [];
};
export const names =
  (value: string): Change =>
  (lab) => [conf('master', `synchronous_standby_names = '${value}'`)(lab), loads('master')(lab)];

const defaultRole: Role = {
  name: 'slave',
  login: true,
  replication: true,
  superuser: false,
  validUntil: null,
  expired: false,
  password: null,
};
/** Whether somebody listens at the server's own address. */
export const listens =
  (on: Name, yes: boolean): Change =>
  (lab) => {
    sqlOf(lab, on).listens = yes;
  };
export const role =
  (change: Partial<Role> = {}, on: Name = 'master'): Change =>
  (lab) => {
    const { roles } = sqlOf(lab, on);
    const own = verifier(kindOf(lab).secrets.replication);
    const named = { ...defaultRole, password: own, ...change, memberOf: [...(change.memberOf ?? [])] };
    const made = named.password === null ? named : { ...named, own: named.password === own };
    sqlOf(lab, on).roles = [...roles.filter(({ name }) => name !== made.name), made];
  };
/** Sets the superuser's password; the server stores its verifier. */
export const superuserHas =
  (password: string | null, on: Name = 'master'): Change =>
  (lab) => {
    const sql = sqlOf(lab, on);
    const stored = password === null ? null : verifier(password);
    sql.roles = sql.roles.map((one) => (one.name === 'postgres' ? { ...one, password: stored } : one));
  };
export const noRole: Change = (lab) => {
  sqlOf(lab, 'master').roles = sqlOf(lab, 'master').roles.filter(({ name }) => name !== 'slave');
};
export const row =
  (on: Name, id: string | null, committedAt: string | null = loadedAt): Change =>
  (lab) => {
    sqlOf(lab, on).newest = { database: 'master', table: 'visits', id, xid: id && `74${id}`, committedAt };
  };
/** The learner's table cannot be read. */
export const unread =
  (error: string, lockedBy?: number): Change =>
  (lab) => {
    const none = { database: 'master', table: 'visits', id: null, xid: null, committedAt: null };
    sqlOf(lab, 'master').newest = { ...none, unread: error, ...(lockedBy === undefined ? {} : { lockedBy }) };
  };
export const waits =
  (query = "INSERT INTO visits (note) VALUES ('x')"): Change =>
  (lab) => {
    sqlOf(lab, 'master').waiting = [{ pid: 121, user: 'postgres', database: 'master', query, since: later }];
  };
export const kept =
  (task: string): Change =>
  ({ journal }) => {
    journal.events[task] = { at: later, seen: 'a commit waits' };
  };

/** A SCRAM verifier as in pg_authid, with few rounds because tests compute it often. */
export function verifier(password: string): string {
  const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const salt = Buffer.from('a salt for tests');
  const salted = pbkdf2Sync(password, salt, 16, 32, 'sha256');
  const stored = createHash('sha256').update(hmac(salted, 'Client Key')).digest('base64');
  return `SCRAM-SHA-256$16:${salt.toString('base64')}$${stored}:${hmac(salted, 'Server Key').toString('base64')}`;
}

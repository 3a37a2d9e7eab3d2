/**
 * The kill campaign: commands that change something are killed at seeded moments, and after each kill nothing may be
 * lost or left.
 */
import { execFile, spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isAlive } from '../../src/lab/lock/alive.ts';
import { until } from '../../src/lab/machine/until.ts';

const script = resolve('dist/repl-workshop.cjs');

/** mulberry32: the same seed makes the same choices. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Chosen = <T>(from: readonly T[]) => T;
const choosing =
  (random: () => number): Chosen =>
  (from) =>
    from[Math.floor(random() * from.length)] as (typeof from)[number];

/** A user for the campaign, with its own home and temporary folder, so that files left there are found. */
export type Person = Disposable & {
  readonly name: string;
  readonly uid: number;
  readonly place: string;
  readonly prefix: readonly string[];
  readonly env: NodeJS.ProcessEnv;
};

/** A user with a name, which initdb needs, and without processes of its own. */
const ordinaryUid = Number(/^games:[^:]*:(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[1] ?? 65_534);

export function person(ordinary: boolean): Person {
  const place = mkdtempSync(join(tmpdir(), 'rw-kill-'));
  for (const folder of ['home', 'tmp']) mkdirSync(join(place, folder));
  if (ordinary) for (const folder of ['', 'home', 'tmp']) chownSync(join(place, folder), ordinaryUid, ordinaryUid);
  chmodSync(place, 0o755);
  const { CI: _, REPL_WORKSHOP_DEED: __, ...env } = process.env;
  return {
    name: ordinary ? 'an ordinary user' : 'root',
    uid: ordinary ? ordinaryUid : (process.getuid?.() ?? 0),
    place,
    prefix: ordinary ? ['setpriv', `--reuid=${ordinaryUid}`, `--regid=${ordinaryUid}`, '--clear-groups'] : [],
    env: { ...env, HOME: join(place, 'home'), TMPDIR: join(place, 'tmp'), COLUMNS: '100' },
    [Symbol.dispose]: () => rmSync(place, { recursive: true, force: true }),
  };
}

type Said = { readonly status: number | null; readonly text: string };

function argv({ prefix }: Person, dir: string, args: readonly string[]): readonly [string, readonly string[]] {
  const [first = '', ...rest] = [...prefix, process.execPath, script, '--lab', dir, ...args];
  return [first, rest];
}

export function run(who: Person, dir: string, args: readonly string[], input = ''): Promise<Said> {
  const [command, rest] = argv(who, dir, args);
  return execute(command, rest, { env: who.env, cwd: who.place }, input);
}

type Where = { readonly env: NodeJS.ProcessEnv; readonly cwd: string };

const started = new Set<number | undefined>(); // process ids

const execute = (command: string, args: readonly string[], where: Where, input: string): Promise<Said> =>
  new Promise((done) => {
    const child = execFile(command, args, { ...where, maxBuffer: 1e8 }, (_error, out, err) =>
      done({ status: child.exitCode, text: out + err }),
    );
    started.add(child.pid);
    child.stdin?.on('error', () => undefined); // the program may end before it reads
    child.stdin?.end(input);
  });

/** `met` is called repeatedly from the start of the command. */
type Moment = { readonly name: string; readonly met: () => boolean };

const stamp = (path: string): string => {
  const stat = lstatSync(path, { throwIfNoEntry: false, bigint: true });
  return stat ? `${stat.ino} ${stat.ctimeNs}` : '';
};
const namesIn = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);

/** A moment to kill at: after some changes of a file, when a file appears or disappears, or after a time. */
function moment(dir: string, longestMs: number, random: () => number, choose: Chosen): Moment {
  const changes = (file: string, times: number): Moment => {
    let [last, count] = [stamp(join(dir, file)), 0];
    return {
      name: `change ${times} of ${file}`,
      met() {
        const now = stamp(join(dir, file));
        if (now !== last) count++;
        last = now;
        return count >= times;
      },
    };
  };
  const folders = (): string => namesIn(join(dir, 'backups')).join(' ');
  const before = folders();
  const first = performance.now();
  const ms = Math.round(random() * longestMs);
  return choose<() => Moment>([
    () => ({ name: `${ms} ms`, met: () => performance.now() - first >= ms }),
    () => ({ name: `${ms} ms`, met: () => performance.now() - first >= ms }),
    () => changes('lab.json', 1 + Math.floor(random() * 3)),
    () => changes('.deed.lock', 1 + Math.floor(random() * 4)),
    () => changes('rep', 1 + Math.floor(random() * 4)),
    () => changes('rep/master_data/postmaster.pid', 1 + Math.floor(random() * 3)),
    () => changes('rep/slave_data/postmaster.pid', 1 + Math.floor(random() * 3)),
    () => changes('rep/slave_data/postgresql.auto.conf', 1),
    () => changes('progress.json', 1),
    () => changes('logs', 1),
    () => ({ name: 'a change of backups/', met: () => folders() !== before }),
    () => changes('rep/slave_data/base', 1),
    () => changes('rep/slave_data.old', 1),
  ])();
}

/**
 * Work of the learner: a note, a file and a line in the state that operations move, and a row. `row` says where it is.
 */
type Work = { readonly token: string; readonly line: boolean; readonly row: string | null };

async function leaveWork(who: Person, dir: string, token: string): Promise<Work> {
  appendFileSync(join(dir, 'notes.txt'), `${token}\n`);
  mkdirSync(join(dir, 'rep'), { recursive: true });
  writeFileSync(join(dir, 'rep/mine.txt'), token);
  if (process.getuid?.() === 0 && who.uid !== 0)
    for (const path of ['notes.txt', 'rep', 'rep/mine.txt']) chownSync(join(dir, path), who.uid, who.uid);
  const hba = join(dir, 'rep/master_data/pg_hba.conf');
  const line = existsSync(hba);
  if (line) appendFileSync(hba, `# ${token}\n`);
  return { token, line, row: line ? await leaveRow(who, dir, token) : null };
}

const whereSql = `SELECT 'in ' || current_database() || ' of ' || system_identifier || ', port ' || inet_server_port() || ', since ' || pg_postmaster_start_time() FROM pg_control_system();`;

/**
 * Inserts a row with psql in the lab's shell, and resolves with its database, where `repl-workshop psql` must find it
 * later.
 */
async function leaveRow(who: Person, dir: string, token: string): Promise<string | null> {
  const sql = `SET synchronous_commit = local; CREATE TABLE IF NOT EXISTS mine (note text); INSERT INTO mine VALUES ('${token}'); ${whereSql}`;
  const { port, database } = JSON.parse(readFileSync(join(dir, 'lab.json'), 'utf8')).plan.servers[0];
  const to = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '-d', database];
  const [command = '', ...args] = [...who.prefix, join(dir, 'bin/psql'), ...to];
  const env = { ...who.env, PGPASSFILE: join(dir, 'shell/pgpass') };
  const { text } = await execute(command, args, { env, cwd: who.place }, `${sql}\n`);
  return /INSERT 0 1/.test(text) ? (/in \S+ of .*/.exec(text)?.[0] ?? text) : null;
}

const holds = (root: string, { token, line }: Work): boolean => {
  const text = (path: string) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '');
  return text('rep/mine.txt') === token && (!line || text('rep/master_data/pg_hba.conf').includes(`# ${token}\n`));
};

/** Resolves with no faults when the row exists, else with psql's output, the place, and the server's log. */
async function rowFaults(who: Person, dir: string, { token, row }: Work, about: string): Promise<readonly string[]> {
  const select = `SELECT 'it is ' || note FROM mine WHERE note = '${token}';`;
  const { text } = await run(who, dir, ['psql', 'master'], `${select}\n`);
  if (text.includes(`it is ${token}`)) return [];
  const what = text.includes('does not run') ? 'the server with the row does not run' : about;
  const databases = ['master', 'postgres'].flatMap((name) => [`\\c ${name}`, whereSql, select]);
  const looked = await run(who, dir, ['psql', 'master'], `${[whereSql, ...databases].join('\n')}\n`);
  const log = join(dir, 'logs/master.log');
  const said = existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(-40).join('\n') : 'none';
  return [`${what}: ${text}\nwritten: ${row}\nlooked further: ${looked.text}\nlog: ${said}`];
}

/** Names of temporary files of the workshop, which must not exist when none of its programs runs. */
const passing = /^\.initdb-|\.new$|\.repl-workshop$|\.(making|going)$|^\.(deed|screen)\.lock/;

function leftovers(who: Person, dir: string): readonly string[] {
  const walk = (folder: string): readonly string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (passing.test(entry.name)) return [path];
      return entry.isDirectory() && !/^(base|pg_wal|global)$/.test(entry.name) ? walk(path) : [];
    });
  const ended = (name: string) => {
    const pid = Number(/^repl-workshop-\d+-(\d+)-/.exec(name)?.[1]);
    return started.has(pid) && !isAlive(pid); // other tests have programs of their own
  };
  return [
    ...walk(dir),
    ...namesIn(join(who.place, 'tmp')).map((name) => `TMPDIR/${name}`),
    ...namesIn('/tmp')
      .filter(ended)
      .map((name) => `/tmp/${name}`),
  ];
}

/** Processes that work on the lab, except servers in their data directories. */
function orphans(dir: string): readonly string[] {
  return namesIn('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const cwd = readlinkSync(`/proc/${pid}/cwd`);
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      if (!cwd.startsWith(dir) && !command.includes(dir)) return [];
      return /\/rep\/(master|slave)_data$/.test(cwd) ? [] : [`${pid} ${command} in ${cwd}`];
    } catch {
      return []; // the process has ended
    }
  });
}

function jsonFaults(dir: string): readonly string[] {
  return ['lab', 'progress', 'journal', 'settings', 'starts'].flatMap((name) => {
    const path = join(dir, `${name}.json`);
    if (!existsSync(path)) return name === 'lab' ? ['lab.json is gone'] : [];
    try {
      const { moving, undo } = JSON.parse(readFileSync(path, 'utf8'));
      return name === 'lab' && (moving || undo) ? ['lab.json still has moving or undo'] : [];
    } catch {
      return [`${name}.json is no JSON`];
    }
  });
}

export type Counted = { kills: number; readonly by: Record<string, number>; readonly findings: string[] };

const starts = [3, 5, 8, 9, 12];
const killsPerLab = 16;
const mostFindings = 20; // the campaign stops then

/** Kills commands until `enough` returns true. A finding names seed, lab, kill, command and moment. */
export async function campaign(
  who: Person,
  seed: number,
  enough: (kills: number) => boolean,
  told: (counted: Counted) => void,
): Promise<Counted> {
  const counted: Counted = { kills: 0, by: {}, findings: [] };
  const random = seeded(seed);
  for (let lab = 1; !enough(counted.kills) && counted.findings.length < mostFindings; lab++) {
    await oneLab(who, lab, `seed ${seed}, lab ${lab}`, random, counted, enough);
    told(counted);
  }
  return counted;
}

async function oneLab(
  who: Person,
  number: number,
  about: string,
  random: () => number,
  counted: Counted,
  enough: (kills: number) => boolean,
): Promise<void> {
  const choose = choosing(random);
  const dir = join(who.place, `lab-${number}`);
  const start = choose(starts);
  try {
    const begun = await run(who, dir, ['goto', String(start), '--yes']);
    if (begun.status !== 0) return void counted.findings.push(`${about}: goto ${start}: ${begun.text}`);
    for (let kill = 0; kill < killsPerLab && !enough(counted.kills); kill++) {
      const last = kill === killsPerLab - 1;
      const args = last ? ['down', '--remove', '--yes'] : choose(choose(commandsAt(dir)));
      const work = await leaveWork(who, dir, `mine-${number}-${kill}`);
      const when = moment(dir, isDeed(args) ? 8000 : 1500, random, choose);
      if (!(await killed(who, dir, args, when))) continue;
      counted.kills++;
      counted.by[args[0] ?? ''] = (counted.by[args[0] ?? ''] ?? 0) + 1;
      const found = await faults(who, dir, args, work, random() < 0.5);
      counted.findings.push(...found.map((one) => `${about}, kill ${kill}, ${args.join(' ')} at ${when.name}: ${one}`));
    }
  } finally {
    await run(who, dir, ['down']);
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The commands that change something and are possible on this lab, by kind. */
function commandsAt(dir: string): readonly (readonly (readonly string[])[])[] {
  const progress = join(dir, 'progress.json'); // absent after an undo to a lab that was never opened
  const lesson = existsSync(progress) ? JSON.parse(readFileSync(progress, 'utf8')).lesson : '';
  const gotos = ['2', '4', '5', '8'].map((to) => ['goto', to, '--yes']);
  const resets = [
    ['reset', '--yes'],
    ['reset', '--all', '--yes'],
  ];
  const measures = [
    ['measure', '--commits', '20'],
    ['measure', '--commits', '20', '--distance', '5'],
  ];
  const small = [['next'], ['answer', 'writes', 'b'], ['--plain']];
  const always = [gotos, resets, [['solve', '--yes']], [['undo', '--yes']], [['up'], ['down']], small];
  return /what-it-costs/.test(lesson) ? [...always, measures, measures, measures] : always;
}

const isDeed = ([name = '']: readonly string[]): boolean => /^(goto|reset|solve|undo|measure)$/.test(name);

/** Resolves with false when the command ended before its moment. */
async function killed(who: Person, dir: string, args: readonly string[], when: Moment): Promise<boolean> {
  const [command, rest] = argv(who, dir, args);
  const child = spawn(command, rest, { env: who.env, cwd: who.place, stdio: 'ignore' });
  started.add(child.pid);
  const ended = new Promise<void>((done) => child.on('exit', () => done()));
  await until(() => child.exitCode !== null || when.met(), { deadlineMs: 120_000, everyMs: 1 });
  const alive = child.exitCode === null && child.kill('SIGKILL');
  await ended;
  return alive && child.signalCode === 'SIGKILL';
}

/** The faults after the next command. With `undoes`, also undoes a completed operation, and checks again. */
async function faults(
  who: Person,
  dir: string,
  [command, ...args]: readonly string[],
  work: Work,
  undoes: boolean,
): Promise<readonly string[]> {
  const opened = await run(who, dir, ['up']);
  const removed = command === 'down' && args.length > 0;
  const backups = namesIn(join(dir, 'backups')).map((name) => join(dir, 'backups', name));
  const here = holds(dir, work);
  const kept = here || backups.some((folder) => holds(folder, work));
  const found = [
    ...(opened.status === 0 || opened.status === 1 ? [] : [`up: ${opened.text}`]),
    ...(opened.text.includes("workshop's own") ? [`up: ${opened.text}`] : []),
    ...jsonFaults(dir),
    ...leftovers(who, dir).map((path) => `left: ${path}`),
    ...orphans(dir).map((one) => `runs: ${one}`),
    ...(readFileSync(join(dir, 'notes.txt'), 'utf8').endsWith(`${work.token}\n`) ? [] : ['notes.txt is not as it was']),
    ...(kept || removed || command === 'undo' ? [] : ['what the learner did is lost']),
  ];
  if (here && work.row && !removed)
    found.push(...(await rowFaults(who, dir, work, `the row is lost (up: ${opened.text})`)));
  if (removed) {
    const again = await run(who, dir, ['down', '--remove', '--yes']);
    if (again.status !== 0) found.push(`down --remove, again: ${again.text}`);
    return [...found, ...orphans(dir).map((one) => `runs after its removal: ${one}`)];
  }
  if (here || !kept || !undoes) return found;
  const undone = await run(who, dir, ['undo', '--yes']);
  if (undone.status !== 0 || !holds(dir, work)) found.push(`undo does not bring it back: ${undone.text}`);
  if (work.row) found.push(...(await rowFaults(who, dir, work, 'the row is lost after undo')));
  return found;
}

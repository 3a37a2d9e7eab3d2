/** The Docker engine that the tests run on: their own one, or the machine's on request. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import Dockerode from 'dockerode';
import { until } from '../../src/lab/machine/until.ts';
import { removeLeavings } from './leavings.ts';
import { answerNoNames } from './no-names.ts';

/**
 * `socketPath` is for dockerode, and as `unix://…` for DOCKER_HOST. `machine` is the address of this machine for the
 * engine and its containers, where a registry of the tests listens, because their 127.0.0.1 is not ours. `says`
 * describes the engine. `own`: no other program uses it.
 */
export type Engine = {
  readonly socketPath: string;
  readonly machine: string;
  readonly says: string;
  readonly own: boolean;
} & AsyncDisposable;

/** The reason why there is no engine, in words that follow "left out: Docker:". */
export type NoEngine = { readonly why: string };

/** The folder for what is kept between runs: the engines' data, the images' root file systems. */
export const cache = fileURLToPath(new URL('../../.cache/docker/', import.meta.url));

const needed: readonly (readonly [program: string, debianPackage: string])[] = [
  ['docker', 'docker.io'],
  ['dockerd', 'docker.io'],
  ['docker-proxy', 'docker.io'],
  ['iptables', 'iptables'],
  ['ip', 'iproute2'],
  ['unshare', 'util-linux'],
  ['nsenter', 'util-linux'],
  ['flock', 'util-linux'],
];
const script = fileURLToPath(new URL('engine.sh', import.meta.url));
const folders = ['1', '2', '3', '4']; // one for each of the runs at the same time, with its own copy of the images
const heldByAnother = 75; // flock's exit status when another run has the lock
const bindsPortsItself = 28; // since this major docker-proxy gets a socket from dockerd's network, not the machine's
const startDeadlineMs = 60_000;
const stopDeadlineMs = 40_000;

export async function openDockerEngine(): Promise<Engine | NoEngine> {
  if (process.env.REPL_WORKSHOP_TEST_DOCKER === 'theirs') return theirEngine();
  if (process.platform !== 'linux') return { why: "the tests' own engine needs Linux" };
  if (process.getuid?.() !== 0) return { why: "only root can start the tests' own engine" };
  const missing = missingPrograms(needed);
  if (missing) return { why: missing };
  for (const folder of folders) {
    const engine = await startEngine(join(cache, folder));
    if (engine) return engine;
  }
  return { why: `${folders.length} other runs have an engine each already` };
}

async function theirEngine(): Promise<Engine | NoEngine> {
  const host = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
  if (!host.startsWith('unix://')) return { why: `the tests need a socket, and DOCKER_HOST is ${host}` };
  const socketPath = host.slice('unix://'.length);
  try {
    const { Version } = await new Dockerode({ socketPath, timeout: 5_000 }).version();
    const says = `Docker ${Version}, the machine's own, at ${socketPath}`;
    return { socketPath, machine: '127.0.0.1', says, own: false, [Symbol.asyncDispose]: async () => {} };
  } catch (error) {
    return { why: `${socketPath} does not answer (${error instanceof Error ? error.message : error})` };
  }
}

/** Resolves with null when another run has the folder. What an earlier run left there is removed, except our images. */
async function startEngine(folder: string): Promise<Engine | NoEngine | null> {
  mkdirSync(folder, { recursive: true });
  const opened: Step[] = [];
  const close = async () => {
    const errors = await closeAll(opened);
    if (errors.length > 0) throw together(errors);
  };
  try {
    const engine = await startIn(folder, opened);
    if (engine && 'socketPath' in engine) return { ...engine, [Symbol.asyncDispose]: close };
    await close();
    return engine;
  } catch (error) {
    throw together([error, ...(await closeAll(opened))]);
  }
}

type Step = () => unknown;

/** Closes what was opened, in reverse order, all steps even if one fails. Resolves with the errors. */
async function closeAll(opened: Step[]): Promise<unknown[]> {
  const errors: unknown[] = [];
  for (const step of opened.splice(0).reverse()) {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  }
  return errors;
}

const together = (errors: readonly unknown[]): unknown =>
  errors.length === 1 ? errors[0] : new AggregateError(errors, errors.join('\n'));

/** Starts the engine. Adds to `opened` a step that closes each thing again. */
async function startIn(
  folder: string,
  opened: Step[],
): Promise<Omit<Engine, typeof Symbol.asyncDispose> | NoEngine | null> {
  const run = mkdtempSync('/tmp/rw-docker-');
  opened.push(() => rmSync(run, { recursive: true, force: true }));
  const life = startProcess(folder, run);
  opened.push(life.end);

  const machine = await life.address;
  if (machine === undefined) {
    const status = await life.ended;
    return status === heldByAnother ? null : { why: `an engine cannot be started here (${life.lastWords()})` };
  }
  writeFileSync(join(folder, 'pid'), `${life.pid}\n`); // for a program that must end the engine from outside
  const names = await answerNoNames(machine);
  opened.push(() => names[Symbol.asyncDispose]());
  const socketPath = join(run, 'docker.sock');
  const docker = new Dockerode({ socketPath });
  if (!(await until(() => life.hasEnded() || answers(docker), { deadlineMs: startDeadlineMs })) || life.hasEnded()) {
    return { why: `dockerd does not start here (${lastLine(readFileSync(join(folder, 'log'), 'utf8'))})` };
  }
  opened.push(() => removeLeavings(docker));
  await removeLeavings(docker);
  const { Version } = await docker.version();
  if (Number.parseInt(Version, 10) >= bindsPortsItself)
    return { why: `Docker ${Version} publishes ports in its own network` };
  const says = `Docker ${Version}, the tests' own, at ${socketPath}`;
  return { socketPath, machine, says, own: true };
}

type Life = {
  readonly pid: number | undefined;
  /** Resolves with the first line of engine.sh, or with undefined when it ends without output. */
  readonly address: Promise<string | undefined>;
  readonly ended: Promise<number | null>;
  hasEnded(): boolean;
  lastWords(): string;
  end(): Promise<void>;
};

function startProcess(folder: string, run: string): Life {
  const spaces = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'slave'];
  const lock = ['--nonblock', '--no-fork', '--conflict-exit-code', `${heldByAnother}`, join(folder, 'lock')];
  // Detached, so that Ctrl-C in a terminal reaches only the tests, which then end the engine.
  const child = spawn('flock', [...lock, ...spaces, 'bash', script, folder, run], { detached: true, env: rootEnv });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<number | null>((resolve, reject) => child.once('close', resolve).once('error', reject));
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const lines = createInterface({ input: child.stdout });
  return {
    pid: child.pid,
    address: Promise.race([once(lines, 'line').then(([line]: string[]) => line), ended.then(() => undefined)]),
    ended,
    hasEnded,
    lastWords: () => lastLine(stderr),
    end: async () => {
      child.stdin.end();
      if (await until(hasEnded, { deadlineMs: stopDeadlineMs })) return;
      child.kill('SIGKILL'); // all processes below unshare end with it
      await ended;
      throw new Error(`The engine in ${folder} did not stop in ${stopDeadlineMs / 1000} s and was killed.`);
    },
  };
}

const answers = (docker: Dockerode): Promise<boolean> =>
  docker.ping().then(
    () => true,
    () => false, // not ready yet; the caller has a deadline
  );

export const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

/** An environment in which root's programs are found also after sudo or su has kept a user's PATH. */
export const rootEnv = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin` };

/** Returns one sentence, or '' when all programs are installed. */
export function missingPrograms(programs: readonly (readonly [program: string, debianPackage: string])[]): string {
  const missing = programs.filter(([program]) => !isInstalled(program));
  if (missing.length === 0) return '';
  return `not installed: ${missing.map(([program, from]) => `${program} (Debian's ${from})`).join(', ')}`;
}

const isInstalled = (program: string): boolean =>
  rootEnv.PATH.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false; // not in this folder
    }
  });

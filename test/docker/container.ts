/** Containers of one test, made with the docker program as a learner does. */
import type { CommandResult } from '../../src/lab/lab.ts';
import { run } from '../../src/lab/machine/run.ts';
import { until } from '../../src/lab/machine/until.ts';

export type Docker = (...args: string[]) => Promise<CommandResult>;

/** Runs the docker program on this engine. */
export const dockerAt =
  (socketPath: string): Docker =>
  (...args) => {
    const { DOCKER_CONTEXT: _context, DOCKER_TLS_VERIFY: _tls, ...env } = process.env;
    return run({ command: 'docker', args, env: { ...env, DOCKER_HOST: `unix://${socketPath}` } });
  };

export type Container = AsyncDisposable & {
  readonly id: string;
  exec(...command: string[]): Promise<CommandResult>;
  /** Runs SQL in the container over TCP, which needs the password; resolves with unaligned rows. */
  ask(sql: string, login?: Readonly<Record<string, string>>): Promise<string>;
  log(): Promise<{ stdout: string; stderr: string }>;
  state(): Promise<{ Status: string; ExitCode: number }>;
  /**
   * Resolves when the final server answers: the temporary one of the first start has no address. Throws after a
   * deadline.
   */
  answers(): Promise<void>;
  /** Resolves with the exit status; throws when the container does not end. */
  ends(): Promise<number>;
};

const deadlineMs = 60_000;

/** Runs `docker run -d` with these arguments. */
export async function startContainer(docker: Docker, ...args: string[]): Promise<Container> {
  const started = await docker('run', '--detach', ...args);
  if (started.status !== 0) throw new Error(`docker run ${args.join(' ')}: ${started.stderr}`);
  const id = started.stdout.trim();
  const exec = (...command: string[]) => docker('exec', id, ...command);
  const state = async () => JSON.parse((await docker('inspect', '--format', '{{json .State}}', id)).stdout);
  const log = async () => docker('logs', id);
  const comes = async (what: string, condition: () => Promise<boolean>) => {
    if (await until(condition, { deadlineMs, everyMs: 100 })) return;
    const { stdout, stderr } = await log();
    throw new Error(`The container ${what} in ${deadlineMs / 1000} s:\n${stdout}${stderr}`);
  };
  return {
    id,
    exec,
    state,
    log,
    async ask(sql, login = {}) {
      const words = Object.entries({ host: '127.0.0.1', user: 'postgres', dbname: 'postgres', ...login });
      const conninfo = words.map(([key, value]) => `${key}=${value}`).join(' ');
      const { status, stdout, stderr } = await exec('psql', '-XAtw', '-d', conninfo, '-c', sql);
      if (status !== 0) throw new Error(stderr);
      return stdout.trimEnd();
    },
    answers: () =>
      comes('does not answer', async () => {
        if ((await state()).Status === 'exited') throw new Error(`The container ended:\n${(await log()).stderr}`);
        return (await exec('pg_isready', '-q', '-h', '127.0.0.1', '-U', 'postgres')).status === 0;
      }),
    async ends() {
      await comes('does not end', async () => (await state()).Status === 'exited');
      return (await state()).ExitCode;
    },
    async [Symbol.asyncDispose]() {
      await docker('rm', '--force', '--volumes', id);
    },
  };
}

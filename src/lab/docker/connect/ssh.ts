/**
 * Docker over ssh: each connection is a process `ssh HOST docker system dial-stdio`, which uses the learner's own ssh
 * config, keys and agent.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { Agent } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { run } from '../../machine/run.ts';
import type { SshAddress } from './engine-address.ts';

/** The ssh process of a connection failed. */
export type SshError = Error & {
  readonly code: 'SSH_ENDED';
  readonly status: number | null; // 255: ssh itself failed; 127: the host has no docker; else dial-stdio's status
  readonly output: string; // the last line of its stderr
};

export const isSshError = (error: unknown): error is SshError =>
  error instanceof Error && 'code' in error && error.code === 'SSH_ENDED';

/** An agent that sends dockerode's requests through ssh. Connections are kept alive, because ssh is slow to connect. */
export function sshAgent(address: SshAddress, env: NodeJS.ProcessEnv): Agent {
  const agent = new Agent({ keepAlive: true });
  agent.createConnection = () => dialStdio(address, env);
  return agent;
}

/** Resolves with the host name behind an alias of the ssh config; published ports answer there. */
export async function sshHostName(address: SshAddress, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<string> {
  const { stdout } = await run({ command: 'ssh', args: ['-G', ...destination(address)], env }, { signal });
  return /^hostname (\S+)$/m.exec(stdout)?.[1] ?? address.host;
}

/** BatchMode: a prompt of ssh would garble the screen, and the learner could not answer it. */
const options = ['BatchMode=yes', 'ConnectTimeout=10', 'ServerAliveInterval=15'];

export function sshArguments(address: SshAddress): readonly string[] {
  const engine = address.socket === null ? [] : ['-H', `unix://${address.socket}`];
  const dial = ['docker', ...engine, 'system', 'dial-stdio'];
  return ['-T', ...options.flatMap((option) => ['-o', option]), ...destination(address), ...dial];
}

const destination = ({ user, host, port }: SshAddress): readonly string[] => [
  ...(port === null ? [] : ['-p', String(port)]),
  ...(user === null ? [] : ['-l', user]),
  '--',
  host,
];

const keptCharacters = 4000; // of stderr

/** The ssh process's stdin and stdout as one stream. Destroying the stream ends the process. */
function dialStdio(address: SshAddress, env: NodeJS.ProcessEnv): Duplex {
  const child = spawn('ssh', sshArguments(address), { env, stdio: 'pipe' });
  const idle = { now: false };
  const duplex = new Duplex({
    allowHalfOpen: false, // the readable side ends with the process, and then nothing reads what is written
    read: () => void child.stdout.resume(),
    // Errors are ignored here: after a broken pipe the exit of the process gives the reason.
    write: (chunk: Buffer, _, done) => void child.stdin.write(chunk, () => done()),
    final: (done) => void child.stdin.end(done),
    destroy: (error, done) => {
      child.stdin.destroy(); // gives the remote program the end of its input
      child.kill();
      done(error);
    },
  });
  child.stdin.on('error', () => undefined); // the same broken pipe
  child.stdout.on('data', (chunk: Buffer) => {
    if (!duplex.push(chunk)) child.stdout.pause();
  });
  onEnd(child, (error) => {
    if (error) duplex.destroy(error);
    else if (idle.now) duplex.destroy();
    else duplex.push(null);
  });
  return likeSocket(duplex, child, idle);
}

/**
 * Calls `onEnded` when the process has ended and all its stdout was read. Not at "close": with ControlPersist ssh
 * leaves a process behind that may keep stderr open.
 */
function onEnd(child: ChildProcessWithoutNullStreams, onEnded: (error: Error | null) => void): void {
  let output = '';
  let status: number | null | undefined;
  let outputEnded = false;
  const settle = () => {
    if (status !== undefined && outputEnded) onEnded(status === 0 ? null : sshError(status, output));
  };
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-keptCharacters);
  });
  child.on('error', onEnded); // ssh could not be started
  child.stdout.on('end', () => {
    outputEnded = true;
    settle();
  });
  child.on('exit', (code) =>
    setImmediate(() => {
      status = code;
      settle();
    }),
  );
}

function sshError(status: number | null, stderr: string): SshError {
  const output = stderr.trim().split('\n').at(-1)?.trim() ?? '';
  return Object.assign(new Error(`ssh ended with status ${status}: ${output}`), {
    code: 'SSH_ENDED' as const,
    status,
    output,
  });
}

/** Adds the methods of a socket that node:http calls. An idle connection does not keep the program from exiting. */
function likeSocket(duplex: Duplex, child: ChildProcessWithoutNullStreams, idle: { now: boolean }): Duplex {
  const parts = [child, child.stdin, child.stdout, child.stderr] as readonly (typeof child | Socket)[];
  const itself = () => duplex;
  return Object.assign(duplex, {
    setKeepAlive: itself,
    setNoDelay: itself,
    setTimeout: itself,
    ref() {
      idle.now = false;
      for (const part of parts) part.ref();
      return duplex;
    },
    unref() {
      idle.now = true;
      for (const part of parts) part.unref();
      return duplex;
    },
  });
}

/** Docker over ssh: each connection is a program, `ssh HOST docker system dial-stdio`, so the learner's own ssh config, keys and agent count. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { Agent } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { run } from '../../machine/run.ts';
import type { SshAddress } from './engine-address.ts';

/** How an ssh program ended that should have carried a connection. */
export type SshError = Error & {
  readonly code: 'SSH_ENDED';
  readonly status: number | null; // 255: ssh itself failed; 127: no docker program over there; others: what dial-stdio ended with
  readonly output: string; // the last line of its stderr
};

export const isSshError = (error: unknown): error is SshError =>
  error instanceof Error && 'code' in error && error.code === 'SSH_ENDED';

/** For dockerode: its requests go through ssh. A connection is kept for the next request, since making one takes ssh a while. */
export function sshAgent(address: SshAddress, env: NodeJS.ProcessEnv): Agent {
  const agent = new Agent({ keepAlive: true });
  agent.createConnection = () => dialStdio(address, env);
  return agent;
}

/** The name behind an alias of the ssh config: where ports that containers publish answer. */
export async function sshHostName(address: SshAddress, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<string> {
  const told = await run({ command: 'ssh', args: ['-G', ...destination(address)], env }, { signal });
  return /^hostname (\S+)$/m.exec(told.stdout)?.[1] ?? address.host;
}

/** BatchMode: a question of ssh would spoil the screen, and nobody could answer it. */
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

const keptWords = 4000; // of stderr, in characters

/** The program's stdin and stdout as one stream; the program ends with it. */
function dialStdio(address: SshAddress, env: NodeJS.ProcessEnv): Duplex {
  const child = spawn('ssh', sshArguments(address), { env, stdio: 'pipe' });
  const idle = { now: false };
  const duplex = new Duplex({
    allowHalfOpen: false, // the readable half ends when the program has ended; nobody reads what is written then
    read: () => void child.stdout.resume(),
    write: (chunk: Buffer, _, done) => void child.stdin.write(chunk, () => done()), // a broken pipe: the program's end tells why
    final: (done) => void child.stdin.end(done),
    destroy: (error, done) => {
      child.stdin.destroy(); // what runs over there sees the end of its input
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
 * When the program has ended and all its output was read. Not "close": a connection that ssh shares (ControlPersist) stays behind as a process
 * that may hold stderr open.
 */
function onEnd(child: ChildProcessWithoutNullStreams, ended: (error: Error | null) => void): void {
  let output = '';
  let status: number | null | undefined;
  let outputEnded = false;
  const settle = () => {
    if (status !== undefined && outputEnded) ended(status === 0 ? null : sshError(status, output));
  };
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-keptWords);
  });
  child.on('error', ended); // ssh could not be started
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

/** What node:http asks of a connection beyond a stream's own. An idle one does not keep the workshop from ending. */
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

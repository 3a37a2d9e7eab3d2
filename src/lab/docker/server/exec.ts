/** Runs programs inside a server's container and in throw-away containers beside it. */
import { Duplex, PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import type Docker from 'dockerode';
import type { CommandResult } from '../../lab.ts';
import { until } from '../../machine/until.ts';
import { labels } from '../../plan/plan-seen.ts';
import { ProblemError } from '../../problem.ts';
import { type Info, isNotFound } from '../container.ts';
import { noImage } from '../create.ts';
import { wholeLog } from './logs.ts';

const endDeadlineMs = 30 * 60_000; // a helper copies data directories, which is slow on some machines

/**
 * A connection to the Unix socket of the server in a container, for a `pg` client. It needs no password and no
 * published port. It runs a perl script in the container; the Debian-based image has perl.
 */
export async function socketInside(docker: Docker, info: Info, folder: string, port: number): Promise<Duplex> {
  const Cmd = ['perl', '-e', relay, `${folder}/.s.PGSQL.${port}`];
  const exec = await docker
    .getContainer(info.Id)
    .exec({ Cmd, AttachStdin: true, AttachStdout: true, AttachStderr: true });
  const raw = await exec.start({ hijack: true, stdin: true });
  const output = new PassThrough();
  const errors = new PassThrough();
  let errorText = '';
  errors.setEncoding('utf8').on('data', (text: string) => {
    errorText += text;
  });
  docker.modem.demuxStream(raw, output, errors);
  raw.on('error', () => undefined); // `finished` below sees the error as well
  finished(raw, { writable: false }).then(
    () => output.end(),
    () => output.end(), // the connection to the daemon broke
  );
  return asSocket(raw, output, () => errorText.trim());
}

/** `pg` expects a socket: it calls connect() and waits for the event of that name. */
function asSocket(raw: Duplex, output: PassThrough, errorText: () => string): Duplex {
  const socket = new Duplex({
    allowHalfOpen: false, // as a TCP socket: it closes when the server has closed its side
    read: () => output.resume(),
    write: (chunk, encoding, done) => void raw.write(chunk, encoding, done),
    final: (done) => void raw.end(done),
    destroy: (error, done) => {
      raw.destroy();
      output.destroy();
      done(error);
    },
  });
  output.on('data', (chunk: Buffer) => {
    if (!socket.push(chunk)) output.pause();
  });
  output.once('end', () => (errorText() ? socket.destroy(new Error(errorText())) : socket.push(null)));
  const same = () => socket;
  return Object.assign(socket, {
    connect() {
      process.nextTick(() => socket.emit('connect'));
      return socket;
    },
    setNoDelay: same,
    setKeepAlive: same,
    setTimeout: same,
    ref: same,
    unref: same,
  });
}

/** Runs a program as root in the running container; resolves with its status and output. */
export async function execInside(docker: Docker, info: Info, argv: readonly string[]): Promise<CommandResult> {
  const exec = await docker
    .getContainer(info.Id)
    .exec({ Cmd: [...argv], User: 'root', AttachStdout: true, AttachStderr: true });
  const raw = await exec.start({});
  const streams = { stdout: new PassThrough({ encoding: 'utf8' }), stderr: new PassThrough({ encoding: 'utf8' }) };
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) streams[name].on('data', (text: string) => (texts[name] += text));
  docker.modem.demuxStream(raw, streams.stdout, streams.stderr);
  await finished(raw, { writable: false });
  return { status: (await exec.inspect()).ExitCode, ...texts };
}

/** The mounts of a helper: folders and volumes ('SOURCE:TARGET'), or `from`: those of the container with that id. */
export type HelperMounts = { readonly binds?: readonly string[]; readonly from?: string };

/**
 * Runs a shell script as root in a throw-away container without network, and removes the container. For files that only
 * the servers' user may touch. Resolves with its output. Throws a ProblemError when the script fails or the image is
 * missing.
 */
export async function helper(
  docker: Docker,
  { image, lab }: { readonly image: string; readonly lab: string },
  mounts: HelperMounts,
  script: string,
): Promise<string> {
  const container = await docker
    .createContainer({
      Image: image,
      Entrypoint: ['sh', '-ec', script],
      Cmd: [],
      User: 'root',
      Labels: { [labels.helper]: lab },
      HostConfig: {
        NetworkMode: 'none',
        Binds: [...(mounts.binds ?? [])],
        ...(mounts.from ? { VolumesFrom: [mounts.from] } : {}),
      },
    })
    .catch((error: unknown) => Promise.reject(isNotFound(error) ? noImage(image) : error));
  try {
    await container.start();
    await until(async () => !(await container.inspect()).State.Running, { deadlineMs: endDeadlineMs, everyMs: 50 });
    const info = await container.inspect();
    const output = await wholeLog(docker, info);
    if (info.State.ExitCode === 0 && !info.State.Running) return output;
    const lastLine = output.trimEnd().split('\n').at(-1);
    throw new ProblemError({
      what: `A helper container on the lab's files ended with status ${info.State.ExitCode}: ${lastLine}`,
      fix: 'See what it says; what was there before is untouched where it could not be copied.',
    });
  } finally {
    await container.remove({ force: true, v: true });
  }
}

const relay = `
use strict; use IO::Socket::UNIX; use IO::Select;
my $server = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "no server at $ARGV[0]: $!\\n";
binmode $_ for *STDIN, *STDOUT; $| = 1;
my $ready = IO::Select->new(*STDIN, $server);
sub passed { my ($from, $to) = @_; my $n = sysread($from, my $bytes, 65536) or return 0;
  for (my $at = 0; $at < $n; ) { my $k = syswrite($to, $bytes, $n - $at, $at) or return 0; $at += $k } return 1 }
while (1) { for my $from ($ready->can_read) {
  exit unless passed($from, fileno($from) == fileno($server) ? *STDOUT : $server) } }`;

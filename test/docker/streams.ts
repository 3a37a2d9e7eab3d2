/** What long-lived connections to an engine must do, by any way to it. */
import { PassThrough, type Readable } from 'node:stream';
import type Docker from 'dockerode';
import { until } from '../../src/lab/machine/until.ts';

/** A container that does nothing, removed at the end of the test. */
export async function idleContainer(docker: Docker, Image: string): Promise<Docker.Container & AsyncDisposable> {
  const Entrypoint = ['sh', '-c', 'echo begun; exec sleep 3600'];
  const container = await docker.createContainer({ Image, Entrypoint, Cmd: [] });
  await container.start();
  return Object.assign(container, { [Symbol.asyncDispose]: () => container.remove({ force: true, v: true }) });
}

/** Sends text through one connection and resolves with what comes back; each direction ends by itself. */
export async function echoed(container: Docker.Container, text: string): Promise<string> {
  const asked = { AttachStdin: true, AttachStdout: true, AttachStderr: true };
  const exec = await container.exec({ ...asked, Cmd: ['sh', '-c', 'cat; echo end'] });
  const stream = await exec.start({ hijack: true, stdin: true });
  const out = collected(container, stream);
  stream.end(text);
  return out;
}

async function collected(container: Docker.Container, stream: Readable): Promise<string> {
  const output = new PassThrough();
  container.modem.demuxStream(stream, output, output);
  stream.once('end', () => output.end()).once('error', (error) => output.destroy(error));
  let text = '';
  for await (const chunk of output) text += chunk;
  return text;
}

/** Resolves with whether a followed log gives the present lines, then the added ones. */
export async function followed(container: Docker.Container): Promise<boolean> {
  const stream = (await container.logs({ follow: true, stdout: true, stderr: true })) as Readable;
  const output = new PassThrough();
  container.modem.demuxStream(stream, output, output);
  let text = '';
  output.on('data', (chunk) => {
    text += chunk;
  });
  try {
    const sees = (line: string) => until(() => text.includes(line), { deadlineMs: 10_000 });
    if (!(await sees('begun\n'))) return false;
    const exec = await container.exec({ Cmd: ['sh', '-c', 'echo added >/proc/1/fd/1'] });
    await exec.start({ Detach: true });
    return await sees('added\n');
  } finally {
    stream.destroy();
  }
}

/** Resolves with whether the engine reports an event while it happens. */
export async function told(docker: Docker, container: Docker.Container): Promise<boolean> {
  const stream = (await docker.getEvents({ filters: { container: [container.id] } })) as Readable;
  let text = '';
  stream.on('data', (chunk) => {
    text += chunk;
  });
  try {
    await container.rename({ name: `told-${container.id.slice(0, 12)}` });
    return await until(() => /"(Action|status)":"rename"/.test(text), { deadlineMs: 10_000 });
  } finally {
    stream.destroy();
  }
}

/** Images are pulled from a registry, saved into a file and loaded from it, on a real engine. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import Docker from 'dockerode';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { bundle } from '../../src/cli/commands/lab/bundle.ts';
import { loadImages, saveImages } from '../../src/lab/docker/images/image-file.ts';
import { hasImage, imageMajor, jsonLines, pullImage } from '../../src/lab/docker/images/images.ts';
import type { ImageProgress } from '../../src/lab/lab.ts';
import { run } from '../../src/lab/machine/run.ts';
import { ProblemError } from '../../src/lab/problem.ts';
import { shellInput } from '../../src/lesson/apply.ts';
import { onDocker } from '../lesson/docker-plan.ts';
import type {} from './global.ts';
import { freePort, type Registry, startRegistry } from './registry.ts';
import { makeSmallImage, withOtherJson } from './small-image.ts';

const engine = inject('docker');
const isThere = !('why' in engine);
const { socketPath, machine } = isThere ? engine : { socketPath: '', machine: '127.0.0.1' };
const docker = new Docker({ socketPath });
const small = 'repl-workshop-small:1';
const silent = () => undefined;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rw-bundle-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  if (isThere) await makeSmallImage(docker, small);
});
afterAll(async () => {
  if (isThere) await removeImage(small);
});

const removeImage = async (name: string): Promise<void> => {
  if (await hasImage(docker, name)) await docker.getImage(name).remove({ force: true });
};

const problemOf = (work: Promise<unknown>): Promise<{ what: string; fix: string }> =>
  work.then(
    () => {
      throw new Error('no problem');
    },
    (error) => {
      if (error instanceof ProblemError) return error.problem;
      throw error;
    },
  );

/** Expects that progress increases, and ends with all done. */
function expectSteady(told: readonly ImageProgress[], what: ImageProgress['what']): void {
  const steps = told.filter((each) => each.what === what).map(({ bytes }) => bytes);
  expect(steps.length).toBeGreaterThan(1);
  expect(steps.map(({ done }) => done)).toEqual(steps.map(({ done }) => done).sort((a, b) => a - b));
  expect(steps.at(-1)?.done).toBe(steps.at(-1)?.total);
}

describe.skipIf(!isThere)('images of an engine (needs Docker)', () => {
  it('an image of an engine says its major, or nothing', async () => {
    expect([await hasImage(docker, small), await imageMajor(docker, small)]).toEqual([true, 17]);
    expect([await hasImage(docker, 'nobody:1'), await imageMajor(docker, 'nobody:1')]).toEqual([false, null]);
  });

  it.each(['small.tar', 'small.tar.gz', 'small.tgz'])('images are saved into %s and loaded again', async (name) => {
    const file = join(folder, name);
    const told: ImageProgress[] = [];
    const saved = await saveImages(docker, [small], file, (progress) => told.push(progress));
    expect(saved).toEqual({ images: [small], bytes: readFileSync(file).length });
    expect(readdirSync(folder)).toEqual([name]);
    expect(
      readFileSync(file)
        .subarray(0, 2)
        .equals(Buffer.from([0x1f, 0x8b])),
    ).toBe(name !== 'small.tar');
    expectSteady(told, 'saving');
    const { Id } = await docker.getImage(small).inspect();
    await removeImage(small);
    told.length = 0;
    expect(await loadImages(docker, file, (progress) => told.push(progress))).toEqual([small]);
    expect((await docker.getImage(small).inspect()).Id).toBe(Id);
    expectSteady(told, 'checking');
    expectSteady(told, 'loading');
  });

  it('images that Podman has named localhost/… get their plain name', async () => {
    const file = join(folder, 'podman.tar');
    await saveImages(docker, [small], file, silent);
    const renamed = await withOtherJson(readFileSync(file), (text) =>
      text.replaceAll(`"${small}"`, `"localhost/${small}"`),
    );
    writeFileSync(file, renamed);
    await removeImage(small);
    expect(await loadImages(docker, file, silent)).toEqual([small]);
    expect(await hasImage(docker, small)).toBe(true);
    await removeImage(`localhost/${small}`);
  });

  it('missing images are named, and no file is made', async () => {
    expect(await problemOf(saveImages(docker, [small, 'nobody:1'], join(folder, 'x.tar'), silent))).toEqual({
      what: 'Docker has no image nobody:1.',
      fix: 'Fetch it first: docker pull nobody:1',
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('saving images leaves no file when the disk is full, or the folder does not exist', async ({ skip }) => {
    const file = join(folder, 'none/x.tar');
    expect((await problemOf(saveImages(docker, [small], file, silent))).what).toBe(
      `${file} could not be written: there is no such folder.`,
    );
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).status !== 0)
      return skip('a full disk: only root can make one');
    try {
      const full = join(disk, 'x.tar');
      expect(await problemOf(saveImages(docker, [small], full, silent))).toEqual({
        what: `${full} could not be written: the disk is full.`,
        fix: 'Make room, or name a file on another disk.',
      });
      expect(readdirSync(disk)).toEqual([]);
    } finally {
      spawnSync('umount', [disk]);
    }
  });

  it('saving images leaves no file when it is aborted', async () => {
    const ending = new AbortController();
    const reason = new Error('enough');
    const told = () => ending.abort(reason);
    await expect(saveImages(docker, [small], join(folder, 'x.tar.gz'), told, ending.signal)).rejects.toBe(reason);
    expect(readdirSync(folder)).toEqual([]);
    await saveImages(docker, [small], join(folder, 'y.tar'), silent);
    const loading = new AbortController();
    const toldLoading = ({ what }: ImageProgress) => what === 'loading' && loading.abort(reason);
    await expect(loadImages(docker, join(folder, 'y.tar'), toldLoading, loading.signal)).rejects.toBe(reason);
  });
});

describe.skipIf(!isThere)('a file that is loaded (needs Docker)', () => {
  let file: string;
  beforeEach(async () => {
    file = join(folder, 'small.tar');
    await saveImages(docker, [small], file, silent);
  });
  const problem = (content: Buffer | string) => {
    writeFileSync(file, content);
    return problemOf(loadImages(docker, file, silent));
  };
  const notWhole = () => ({
    what: `${file} is not whole: its end is missing.`,
    fix: 'Copy it once more, or save it again.',
  });

  it('loading images reports that they are for another architecture', async () => {
    const { Os, Arch } = await docker.version();
    const foreign = await withOtherJson(readFileSync(file), (text) =>
      text.replaceAll(`"architecture":"${Arch}"`, '"architecture":"s390x"'),
    );
    expect(await problem(foreign)).toEqual({
      what: `${file} is for other machines: ${small} is made for linux/s390x, and Docker here runs ${Os}/${Arch}.`,
      fix: 'Save the bundle on a machine of the same kind as this one.',
    });
  });

  it('loading images reports that the file is not complete', async () => {
    const whole = readFileSync(file);
    expect(await problem(whole.subarray(0, 500_000))).toEqual(notWhole());
    expect(await problem(gzipSync(whole).subarray(0, 500_000))).toEqual(notWhole());
    writeFileSync(file, whole);
    truncateSync(file, endOfFirstEntry(whole));
    expect(await problemOf(loadImages(docker, file, silent))).toEqual(notWhole());
  });

  it('loading images reports that the file is no bundle', async () => {
    const no = (why: string) => ({
      what: `${file} is no bundle of images: ${why}.`,
      fix: 'Make one where the images are: repl-workshop bundle save FILE',
    });
    expect(await problem('Dear diary, today I learnt about replication.\n'.repeat(40))).toEqual(
      no('it is no tar file'),
    );
    expect(await problem('')).toEqual(no('it has no list of images in it'));
    expect(await problem(otherTar())).toEqual(no('it has no list of images in it'));
    expect(await problem(Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(100)]))).toEqual(
      no('its packing is damaged'),
    );
    expect((await problemOf(loadImages(docker, folder, silent))).what).toBe(
      `${folder} could not be read: it is a folder.`,
    );
    expect((await problemOf(loadImages(docker, join(folder, 'none'), silent))).what).toContain('there is no such file');
  });
});

/** The end of the first entry, where a truncated copy has only whole entries. */
function endOfFirstEntry(tar: Buffer): number {
  const size = Number.parseInt(tar.subarray(124, 136).toString(), 8);
  return 512 + Math.ceil(size / 512) * 512;
}

function otherTar(): Buffer {
  mkdirSync(join(folder, 'other'));
  writeFileSync(join(folder, 'other/file'), 'x');
  return spawnSync('tar', ['-C', folder, '-c', 'other']).stdout;
}

describe.skipIf(!isThere)('commands that the workshop runs (needs Docker)', () => {
  it('pull no image, though docker run would', async () => {
    const asked: string[] = [];
    const registry = createServer(({ url = '' }, response) => {
      asked.push(url);
      response.writeHead(404).end();
    });
    registry.listen(0, machine);
    await once(registry, 'listening');
    const { port } = registry.address() as AddressInfo;
    const env = { PATH: process.env.PATH ?? '', HOME: tmpdir(), DOCKER_HOST: `unix://${socketPath}` };
    for (const how of ['run', 'create']) {
      const typed = `docker ${how} --rm ${machine}:${port}/none:1 true`;
      const ours = await run({ command: 'sh', args: [], env }, { input: shellInput(onDocker(), typed) });
      expect(ours.status).not.toBe(0);
      expect(ours.stderr).toContain('No such image');
      expect(asked).toEqual([]);
      await run({ command: 'sh', args: [], env }, { input: `${typed}\n` });
      expect(asked.splice(0)).not.toEqual([]);
    }
    registry.close();
    registry.closeAllConnections();
  });
});

describe.skipIf(!isThere)('a registry (needs Docker)', () => {
  let registry: Registry | { readonly why: string };
  let files: string;
  beforeAll(async () => {
    files = mkdtempSync(join(tmpdir(), 'rw-registry-'));
    registry = await startRegistry(files, machine);
  });
  afterAll(async () => {
    if ('address' in registry) await registry[Symbol.asyncDispose]();
    rmSync(files, { recursive: true, force: true });
  });

  /** Pushes a small image, and removes it from the engine with all its layers. */
  async function onlyThere(address: string, bytes?: number): Promise<string> {
    const name = `${address}/team/postgres:17`;
    await makeSmallImage(docker, name, bytes);
    const answer = (await docker
      .getImage(name)
      .push({ authconfig: { username: '', password: '', serveraddress: '' } })) as Readable;
    for await (const { error } of jsonLines<{ error?: string }>(answer)) if (error) throw new Error(error);
    await removeImage(name);
    return name;
  }

  it('pulling an image reports progress layer by layer', async ({ skip }) => {
    if ('why' in registry) return skip(registry.why);
    const name = await onlyThere(registry.address);
    const told: ImageProgress[] = [];
    await pullImage(docker, name, (progress) => told.push(progress));
    expect(await imageMajor(docker, name)).toBe(17);
    const last = told.at(-1);
    expect(last?.layers).toEqual({ done: 2, total: 2 });
    expect(last?.bytes.done).toBe(last?.bytes.total);
    expect(last?.bytes.done).toBeGreaterThan(1_000_000);
    expect([...new Set(told.map(({ what }) => what))]).toEqual(['pulling', 'unpacking']);
    told.length = 0;
    await pullImage(docker, name, (progress) => told.push(progress)); // the image exists already
    await removeImage(name);
  });

  it('pulling an image says that the registry has no such tag, or no such image', async ({ skip }) => {
    if ('why' in registry) return skip(registry.why);
    const fix = 'Check the name and the tag (postgres:13 to postgres:18).';
    const name = await onlyThere(registry.address);
    for (const unknown of [name.replace(':17', ':99'), `${registry.address}/nobody:1`]) {
      const problem = await problemOf(pullImage(docker, unknown, silent));
      expect(problem.what).toContain(`There is no image ${unknown} `);
      expect(problem.fix).toBe(fix);
    }
  });

  it('pulling an image ends when it is aborted', async ({ skip }) => {
    if ('why' in registry) return skip(registry.why);
    const name = await onlyThere(registry.address, 20_000_000);
    const ending = new AbortController();
    const reason = new Error('enough');
    await expect(pullImage(docker, name, () => ending.abort(reason), ending.signal)).rejects.toBe(reason);
    expect(await hasImage(docker, name)).toBe(false);
  });

  it('pulling an image names a registry that cannot be reached, and the way without a network', async () => {
    const name = `${machine}:${await freePort(machine)}/team/postgres:17`;
    const { what, fix } = await problemOf(pullImage(docker, name, silent));
    expect(what).toContain(`Docker could not reach the registry of ${name}: `);
    expect(fix).toContain('repl-workshop bundle load FILE');
  });

  it('pulling an image distinguishes a rate limit from a login that is needed', async () => {
    const refusals = [
      [
        429,
        'TOOMANYREQUESTS',
        'You have reached your pull rate limit.',
        'The registry gives out no more images to this network for now',
      ],
      [401, 'UNAUTHORIZED', 'authentication required', 'The registry wants a login for '],
    ] as const;
    for (const [status, code, message, what] of refusals) {
      const port = await freePort(machine);
      const server = createServer((_, response) => {
        response.writeHead(status, { 'Content-Type': 'application/json' });
        response.end(JSON.stringify({ errors: [{ code, message }] }));
      }).listen(port, machine);
      try {
        expect((await problemOf(pullImage(docker, `${machine}:${port}/team/postgres:17`, silent))).what).toContain(
          what,
        );
      } finally {
        server.closeAllConnections();
        server.close();
      }
    }
  });
});

describe('the command', () => {
  const dir = () => join(folder, 'lab');
  async function say(words: readonly string[], socket = socketPath) {
    const out: string[] = [];
    const err: string[] = [];
    const given = words.flatMap((word) => (/^--(\w+)=?(.*)$/.exec(word) ?? []).slice(1)); // '--pg=17' and '--json'
    const options: Record<string, string | boolean> = {};
    for (let at = 0; at < given.length; at += 2) options[given[at] ?? ''] = given[at + 1] || true;
    const status = await bundle({
      args: words.filter((word) => !word.startsWith('--')),
      rest: words,
      opened: [],
      options,
      dir: dir(),
      named: dir(),
      io: {
        out: (text) => out.push(text),
        painted: (text) => out.push(text),
        err: (text) => err.push(text),
        terminal: false,
        columns: 80,
        env: { PATH: process.env.PATH, DOCKER_HOST: `unix://${socket}` },
      },
      program: { node: process.execPath, script: '' },
      signal: new AbortController().signal,
      unheard: new AbortController().signal,
    });
    return { status, out, err };
  }
  const planned = (image: string) => {
    mkdirSync(dir());
    const lab = { schema: 1, plan: onDocker({ image }), bindir: '', undo: null, moving: null };
    writeFileSync(join(dir(), 'lab.json'), JSON.stringify(lab));
  };

  it.skipIf(!isThere)(
    "bundle saves the image of the lab's plan and loads it, with plain progress lines (needs Docker)",
    async () => {
      planned(small);
      const file = join(folder, 'class.tar');
      const saved = await say(['save', file]);
      expect(saved).toMatchObject({
        status: 0,
        out: [
          `${small}: saved in ${file} (2 MB).`,
          'Take it to another machine, then: repl-workshop bundle load class.tar',
        ],
      });
      expect(saved.err[0]).toMatch(/^saving repl-workshop-small:1: \d of 2 MB$/);
      expect(saved.err.at(-1)).toBe(`checking ${small}: 2 of 2 MB`);
      expect(saved.err.length).toBeLessThanOrEqual(10);
      await removeImage(small);
      expect(await say(['load', file])).toMatchObject({
        status: 0,
        out: [`${small} is in Docker now (${socketPath}).`],
      });
      expect(readdirSync(dir())).toEqual(['lab.json']);
    },
  );

  it.skipIf(!isThere)('bundle --json prints the same as JSON, and nothing else (needs Docker)', async () => {
    planned(small);
    const file = join(folder, 'class.tar.gz');
    const { out, err } = await say(['save', file, '--json']);
    expect(err).toEqual([]);
    expect(out.map((line) => JSON.parse(line))).toEqual([
      { schema: 1, file, bytes: readFileSync(file).length, images: [small], docker: socketPath },
    ]);
    const loaded = await say(['load', file, '--json']);
    expect(loaded.err).toEqual([]);
    expect(loaded.out.map((line) => JSON.parse(line))).toEqual([
      { schema: 1, file, images: [small], docker: socketPath },
    ]);
  });

  it.skipIf(!isThere)(
    'bundle takes --pg and --image before the plan, pulls missing images, and makes no lab folder (needs Docker)',
    async () => {
      const { what } = await problemOf(say(['save', join(folder, 'x.tar'), '--pg=3']));
      expect(what).toContain('postgres:3');
      const offline = await problemOf(say(['save', join(folder, 'x.tar'), '--image=nobody:3', '--offline']));
      expect(offline.what).toBe('Docker has no image nobody:3.');
      expect(existsSync(dir())).toBe(false);
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it('bundle refuses wrong arguments before it asks Docker', async () => {
    writeFileSync(join(folder, 'there.tar'), 'mine');
    const wrong = (...words: string[]) =>
      say(words).then(
        () => 'done',
        (error) => [error.status, error.problem.what],
      );
    expect(await wrong()).toEqual([2, 'Save or load?']);
    expect(await wrong('keep', 'x.tar')).toEqual([2, '"keep" is neither save nor load.']);
    expect(await wrong('save')).toEqual([2, 'To which file?']);
    expect(await wrong('load')).toEqual([2, 'From which file?']);
    expect(await wrong('load', 'a.tar', 'b.tar')).toEqual([2, '"b.tar" is one word too many.']);
    expect(await wrong('save', 'x.zip')).toEqual([2, '"x.zip" is no name for a bundle.']);
    expect(await wrong('save', join(folder, 'x.tar'), '--pg=new')).toEqual([2, '--pg new: this is no major version.']);
    const there = join(folder, 'there.tar');
    expect(await wrong('save', there)).toEqual([2, `${there} is there already, and is not overwritten.`]);
    expect(readFileSync(there, 'utf8')).toBe('mine');
  });

  it('bundle says what is wrong with Docker', async () => {
    const nowhere = join(folder, 'none.sock');
    expect((await problemOf(say(['load', 'x.tar'], nowhere))).what).toBe(
      `The engine that DOCKER_HOST names (${nowhere}) is not there.`,
    );
  });
});

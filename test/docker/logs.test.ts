/** The log of a container: of one start only, whole, each line once, and followed through restarts. */
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Reached } from '../../src/lab/docker/connect/reach.ts';
import { inspect } from '../../src/lab/docker/container.ts';
import { createLogReader, followedLog, wholeLog } from '../../src/lab/docker/server/logs.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { dockerLab, imageOf, reachTestDocker } from './lab.ts';
import { comes, docker, dockerMay, imageIn, networkIn, planOf, stateOf } from './learner.ts';

describe.skipIf(!imageOf(18))('the log of a container (needs an image of PostgreSQL 18)', () => {
  let lab: Lab;
  let reached: Reached;
  beforeAll(async () => {
    reached = await reachTestDocker();
    lab = await dockerLab(18);
    await lab.server('master').create();
    await lab.server('master').start();
  });
  afterAll(() => lab?.[Symbol.asyncDispose]());

  const name = () => planOf(lab, 'master').container;
  const infoOf = async (container: string) => {
    const info = await inspect(reached.docker, container);
    if (!info) throw new Error(`no container ${container}`);
    return info;
  };
  const mark = (text: string) => lab.server('master').sql(`DO $$ BEGIN RAISE LOG '${text}'; END $$`);
  const both = async (container: string) => {
    const { stdout, stderr } = await dockerMay('logs', container);
    return stdout + stderr;
  };
  /** A container outside the lab that writes a log. */
  async function* writer(script: string, ...options: string[]) {
    const id = await docker(
      'run',
      '-d',
      '--label',
      'repl-workshop.lab=none',
      ...options,
      imageIn(lab),
      'bash',
      '-c',
      script,
    );
    try {
      yield id;
    } finally {
      await docker('rm', '--force', '--volumes', id);
    }
  }

  it('the log of a container is that of this start, however fast the restarts, also under load', async () => {
    const load = [1, 2].map(() => spawn('sh', ['-c', 'while :; do :; done']));
    try {
      for (const [round, how] of ['restart', 'restart', 'kill', 'kill', 'restart'].entries()) {
        await mark(`before ${round}`);
        if (how === 'kill') await docker('kill', name());
        await docker(how === 'kill' ? 'start' : how, name());
        const readers = [createLogReader(), createLogReader()];
        for (const read of readers) {
          let text = '';
          await comes('its first word', async () => {
            text = await read(reached.docker, await infoOf(name()));
            return text !== '';
          });
          expect(text.trimStart().split('\n')[0]).toBe(
            'PostgreSQL Database directory appears to contain a database; Skipping initialization',
          );
        }
        await comes('it is up', async () => (await stateOf(lab)) === 'up');
        expect(await readers[0]?.(reached.docker, await infoOf(name()))).not.toMatch(
          /before \d|shut down at .*\n.*is shut down/,
        );
      }
    } finally {
      for (const child of load) child.kill();
    }
  });

  it('the log of a container is that of the last start, when this start ended at once', async () => {
    const server = lab.server('master');
    const before = (await server.readFile('postgresql.conf')) ?? '';
    await mark('before the end');
    await server.writeFile('postgresql.conf', `${before}\nshared_bufers = 1\n`);
    await docker('restart', name());
    await comes('it has ended', async () => (await stateOf(lab)) === 'failed');
    const text = await createLogReader()(reached.docker, await infoOf(name()));
    expect(text).toContain('shared_bufers');
    expect(text).not.toMatch(/before the end|database system is shut down/);
    await server.writeFile('postgresql.conf', before);
    await server.start();
  });

  const busy =
    'for n in $(seq 3000); do echo "line $n"; echo same; [ $((n % 50)) = 0 ] && echo "error $n" >&2; done; sleep 30';

  it.each([[], ['--tty']])(
    'the log of a container has each line once, also when it is read while it is written %s',
    async (...options) => {
      for await (const id of writer(`sleep 1; ${busy}`, ...options)) {
        const read = createLogReader();
        await comes('the last line', async () => {
          await Promise.all([1, 2].map(async () => read(reached.docker, await infoOf(id))));
          return (await read(reached.docker, await infoOf(id))).includes('line 3000\n');
        });
        const text = await read(reached.docker, await infoOf(id));
        const lines = (await both(id)).replaceAll('\r', '').split('\n');
        expect(text.split('\n').sort()).toEqual(lines.sort());
        expect(await wholeLog(reached.docker, await infoOf(id))).toBe(text);
      }
    },
  );

  it("the log of a container keeps blank lines, and lines longer than Docker's chunks", async () => {
    for await (const id of writer("head -c 100000 /dev/zero | tr '\\0' x; echo; echo; echo end; sleep 30")) {
      await comes('its end', async () => (await both(id)).includes('end'));
      expect(await wholeLog(reached.docker, await infoOf(id))).toBe(`${'x'.repeat(100_000)}\n\nend\n`);
    }
  });

  it('the log of a container ends with the newest lines where it is too long for a look', async () => {
    for await (const id of writer('seq 200000; sleep 30')) {
      const read = createLogReader();
      await comes('the last line', async () => (await read(reached.docker, await infoOf(id))).endsWith('\n200000\n'));
      const lines = (await read(reached.docker, await infoOf(id))).split('\n');
      expect(Number(lines[0])).toBe(200_001 - (lines.length - 1));
    }
  });

  it('the log of a container is followed through restarts and into a new one, without gap or repeat', async () => {
    const ending = new AbortController();
    let text = '';
    const following = (async () => {
      for await (const piece of lab.server('slave').readLog(ending.signal)) text += piece;
    })();
    await expect(following).rejects.toThrow('There is no container'); // no log exists yet
    const { container } = planOf(lab, 'slave');
    const script = 'for n in $(seq 500); do echo "$0 $n"; done; while :; do echo tick; sleep 0.05; done';
    const run = (word: string) =>
      docker(
        ...['run', '-d', '--init', '--name', container, '-v', `${lab.dir}/rep:/rep`, '--network', networkIn(lab)],
        ...[imageIn(lab), 'bash', '-c', script, word],
      );
    await run('first');
    const again = (async () => {
      for await (const piece of lab.server('slave').readLog(ending.signal)) text += piece;
    })();
    const ticks = () => text.split('tick\n').length;
    const goesOn = async () => {
      const before = ticks();
      await comes('more of it', async () => ticks() > before + 3);
    };
    await goesOn();
    await docker('restart', '--time', '0', container);
    await goesOn();
    await docker('kill', container);
    const ofTheFirst = await both(container);
    await comes('the rest of the first', async () => text.length >= ofTheFirst.length);
    expect(text).toBe(ofTheFirst);
    await docker('rm', '--volumes', container);
    await run('second');
    await goesOn();
    await docker('stop', '--time', '0', container);
    const ofTheSecond = await both(container);
    await comes('the rest of the second', async () => text.length >= ofTheFirst.length + ofTheSecond.length);
    expect(text).toBe(ofTheFirst + ofTheSecond);
    ending.abort();
    await again;
  });

  it('following the log of a container ends at the signal, though the log goes on', async () => {
    for await (const id of writer('while :; do echo tick; sleep 0.02; done')) {
      const ending = new AbortController();
      let pieces = 0;
      for await (const _ of followedLog(reached.docker, () => infoOf(id), ending.signal))
        if (++pieces === 3) ending.abort();
      expect(pieces).toBeGreaterThanOrEqual(3);
    }
  });
});

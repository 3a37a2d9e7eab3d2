/**
 * A data directory that is a link, on Docker: the engine may find another folder behind it than we do, so nothing is
 * changed.
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { runProgram } from '../cli/run.ts';
import { tree } from '../labs-before/lab.ts';
import { dockerAt } from './container.ts';
import type {} from './global.ts';
import { imageOf, whyNoImage } from './lab.ts';

const engine = inject('docker');
const image = imageOf(18);
if ('why' in engine || !image)
  it('a data directory that is a link on Docker is only looked at', ({ skip }) => skip(whyNoImage(18)));
else
  it('a data directory that is a link on Docker is looked at, and every operation refuses it', async () => {
    const outer = mkdtempSync(join(tmpdir(), 'rw-'));
    const [dir, elsewhere] = [join(outer, 'lab'), join(outer, 'elsewhere')];
    const options = ['--lab', dir, '--engine', 'docker', '--name', 'links', '--image', image];
    const run = (...args: string[]) =>
      runProgram([...options, ...args], { DOCKER_HOST: `unix://${engine.socketPath}` });
    try {
      expect((await run('goto', '3', '--yes')).status).toBe(0);
      await run('down');
      mkdirSync(elsewhere);
      renameSync(join(dir, 'rep/master_data'), join(elsewhere, 'master_data'));
      symlinkSync(join(elsewhere, 'master_data'), join(dir, 'rep/master_data'));
      const containers = async () =>
        (
          await dockerAt(engine.socketPath)(
            'ps',
            '-a',
            '--format',
            '{{.Names}} {{.State}}',
            '--filter',
            'name=^/?links-',
          )
        ).stdout;
      const before = { files: tree(elsewhere), containers: await containers() };
      const deeds = [
        ['up'],
        ['down'],
        ['next'],
        ['goto', '2'],
        ['solve', '3'],
        ['reset', '--all'],
        ['undo'],
        ['down', '--remove'],
      ];
      for (const [name = '', ...rest] of deeds) {
        const yes = ['goto', 'solve', 'reset', 'undo'].includes(name) || rest.length > 0 ? ['--yes'] : [];
        const said = await run(name, ...rest, ...yes);
        expect(said, `${name} ${rest}`).toMatchObject({
          status: 3,
          err: expect.stringContaining(`leads to ${elsewhere}`),
        });
        expect(said.err).not.toContain('--yes'); // on Docker the learner cannot confirm the link
        expect(said.err).toContain('rm rep/master_data');
      }
      for (const look of ['check', 'status', 'list']) expect((await run(look)).status, look).toBeLessThan(2);
      expect({ files: tree(elsewhere), containers: await containers() }).toEqual(before);
      rmSync(join(dir, 'rep/master_data'));
      renameSync(join(elsewhere, 'master_data'), join(dir, 'rep/master_data'));
      expect((await run('up')).out).toMatch(/master :\d+ +up, primary/);
    } finally {
      await run('down', '--remove', '--yes');
      rmSync(outer, { recursive: true, force: true });
    }
  });

/** Two screens on one lab: the second is read-only until the first one has ended. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { until } from '../../src/lab/machine/until.ts';
import { openInTerminal } from '../bench/terminal.ts';
import { type LaunchedProgram, launchInNewLab, shows, showsNoMore } from './program.ts';

const second = ({ dir }: LaunchedProgram) =>
  openInTerminal([process.execPath, resolve('dist/repl-workshop.cjs'), '--lab', dir], {
    columns: 120,
    rows: 40,
    env: { HOME: dirname(dir), SHELL: '/bin/bash', LANG: 'C.UTF-8' },
  });

it('a second screen takes over when the first one is left, and says so', async () => {
  await using first = await launchInNewLab();
  const screen = second(first);
  try {
    await shows(screen, 'only looking');
    screen.type('r');
    await shows(screen, 'Another screen is open on this lab');
    first.screen.type('q');
    await shows(screen, 'this one works now');
    await showsNoMore(screen, 'only looking');
    screen.type('r');
    await shows(screen, 'Put the servers back');
    expect(screen.text()).not.toContain('Another screen');
  } finally {
    await screen.close();
  }
});

it('a screen reports that a goto in another terminal was killed, and saves nothing until the recovery', async () => {
  await using sitting = await launchInNewLab({ lesson: 4 });
  const { screen, cli } = sitting;
  await shows(screen, '4/12');
  const args = [resolve('dist/repl-workshop.cjs'), '--lab', cli.dir, 'goto', '8', '--yes'];
  const child = spawn(process.execPath, args, { stdio: 'ignore', env: { ...process.env, HOME: dirname(cli.dir) } });
  const ended = new Promise((done) => child.once('exit', done));
  const isAway = () => !existsSync(join(cli.dir, 'progress.json'));
  expect(await until(isAway, { deadlineMs: 20_000, everyMs: 2 })).toBe(true);
  child.kill('SIGKILL');
  await ended;
  await shows(screen, 'was interrupted on its way');
  expect(screen.text()).toContain('4/12');
  expect(isAway()).toBe(true);
  expect((await cli.run('up')).err).toContain('as it was before it');
  await showsNoMore(screen, 'was interrupted on its way');
  expect(screen.text()).toContain('4/12');
});

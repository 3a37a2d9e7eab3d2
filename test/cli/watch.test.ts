/** `check --watch` remembers what it advised. */
import { spawn } from 'node:child_process';
import { renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { run } from '../../src/lab/machine/run.ts';
import { until } from '../../src/lab/machine/until.ts';
import { openCli } from './run.ts';

it('a verdict that comes back after its advice was followed says so, what else is seen, and how to begin again', async () => {
  await using cli = openCli();
  await cli.run('goto', '3', '--yes');
  const pgCtl = (what: string) =>
    run({ command: join(cli.dir, 'bin/pg_ctl'), args: ['-D', join(cli.dir, 'rep/master_data'), what] });
  await pgCtl('stop');
  renameSync(join(cli.dir, 'rep/master_data/pg_xact'), join(cli.dir, 'pg_xact')); // no step leads out of this
  const program = [resolve('dist/repl-workshop.cjs'), '--lab', cli.dir, 'check', '2', '--watch'];
  const watching = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  watching.stdout.on('data', (chunk) => (said += chunk));
  const ended = new Promise((resolve) => watching.once('exit', resolve));
  const says = async (text: RegExp) => expect(await until(() => text.test(said), { deadlineMs: 30_000 })).toBe(true);
  try {
    await says(/next {2}pg_ctl -D rep\/master_data start/);
    await pgCtl('start');
    await says(/seen {2}master is not running: could not access status/);
    expect(said).not.toContain('that was not enough');
    await pgCtl('start');
    await says(/note {2}You have done what this verdict named, and that was not enough/);
    expect(said).toMatch(/or {4}repl-workshop reset 2, which would: stop the servers/);
  } finally {
    watching.kill('SIGINT');
    await ended;
    renameSync(join(cli.dir, 'pg_xact'), join(cli.dir, 'rep/master_data/pg_xact'));
  }
});

/**
 * A picture of the real program in lesson 4: the learner has written the hba line, has not reloaded, and tries a
 * replication login. `npx tsx test/screens/program.ts [FILE]`, after the build.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { LabPlan } from '../../src/lab/plan/plan.ts';
import { openInTerminal } from '../bench/terminal.ts';
import { papers, pngOf } from './png.ts';

const [file = 'assets/screens/program.png'] = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), 'repl-workshop-picture-'));
const lab = join(scratch, 'repl-workshop');

async function draw(): Promise<void> {
  workshop('goto', '4', '--yes');
  const argv = [process.execPath, resolve('dist/repl-workshop.cjs'), '--lab', lab];
  const screen = openInTerminal(argv, { columns: 120, rows: 40, env: { COLORTERM: 'truecolor' } });
  try {
    await screen.until(({ text }) => /quit/.test(text()) && /no standby is connected/.test(text()), 'first frame');
    appendFileSync(join(lab, 'rep/master_data/pg_hba.conf'), 'host replication slave 127.0.0.1/32 scram-sha-256\n');
    spawnSync(join(lab, 'bin/psql'), [`${knock()} replication=true dbname=postgres`, '-c', 'IDENTIFY_SYSTEM']);
    await screen.until(({ text }) => /still uses the/.test(text()) && /FATAL/.test(text()), 'verdict');
    await setTimeout(2000); // a frame arrives in pieces, and the next look may change it
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, pngOf(screen.terminal, papers.dark, 1.5));
  } finally {
    await screen.close();
  }
}

/** The learner's replication login with psql. */
function knock(): string {
  const { plan } = JSON.parse(readFileSync(join(lab, 'lab.json'), 'utf8')) as { readonly plan: LabPlan };
  const { user, password } = plan.replication;
  return `host=${plan.host} port=${plan.servers[0]?.port} user=${user} password=${password}`;
}

function workshop(...args: readonly string[]): void {
  execFileSync(process.execPath, ['dist/repl-workshop.cjs', ...args, '--lab', lab], {
    stdio: 'ignore',
    env: { ...process.env, CI: 'true' },
  });
}

try {
  await draw();
} finally {
  if (existsSync(lab)) workshop('down');
  rmSync(scratch, { recursive: true, force: true });
}

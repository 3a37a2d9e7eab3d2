/** A picture of the real program, on a lab in lesson 8 whose slave is started while it looks: `npx tsx test/screens/program.ts [FILE]`, after the build. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openInTerminal } from '../bench/terminal.ts';
import { papers, pngOf } from './png.ts';

const [file = 'assets/screen.png'] = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), 'repl-workshop-picture-'));
const lab = join(scratch, 'repl-workshop');

async function draw(): Promise<void> {
  workshop('goto', '8', '--yes');
  const argv = [process.execPath, resolve('dist/repl-workshop.cjs'), '--lab', lab];
  const screen = openInTerminal(argv, { columns: 120, rows: 40, env: { COLORTERM: 'truecolor' } });
  try {
    await screen.until(({ text }) => /quit/.test(text()) && /master/.test(text()), 'first frame');
    execFileSync(join(lab, 'bin/pg_ctl'), ['-D', join(lab, 'rep/slave_data'), 'start'], { stdio: 'ignore' });
    await screen.until(({ text }) => /2 of 3/.test(text()) && /streams/.test(text()), 'streaming');
    writeFileSync(file, pngOf(screen.terminal, papers.dark, 1.5));
  } finally {
    await screen.close();
  }
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

/** However the program ends, the terminal is as before, and no process of the program goes on. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openKeyboard, type Terminal } from '../../src/cli/screen/terminal.ts';
import { until } from '../../src/lab/machine/until.ts';
import {
  type LaunchedProgram,
  type LaunchOptions,
  launchInNewLab,
  openShell,
  shows,
  withoutPty,
  workingIn,
} from './program.ts';

const leave = '\u001d';

/** Runs the program, and prints the state of the terminal before and after, and unread input. */
const shell = `
before=$(stty -g)
(echo $BASHPID > "$HOME/pid"; exec "$@")
status=$?
[ "$(stty -g)" = "$before" ] && echo "modes as before"
stty -icanon -echo min 0 time 1
left=$(dd bs=1000 count=1 2>/dev/null | cat -v)
stty "$before"
echo "left to read: '$left'; status $status"`;

let scratch = '';
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'rw-restored-'));
  writeFileSync(
    join(scratch, 'fails.cjs'),
    `process.on('SIGUSR2', () => { throw new Error('one of ours') });
     process.on('SIGUSR1', () => { Promise.reject(new Error('one of ours')) });`,
  );
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const sitInShell = ({ session = '', ...options }: LaunchOptions & { session?: string } = {}) =>
  launchInNewLab({
    ...options,
    around: (argv) => ['/bin/bash', '-c', shell, 'bash', ...(session ? [session] : []), ...argv],
    env: { NODE_OPTIONS: `--require ${join(scratch, 'fails.cjs')}` },
  });

const pidOf = ({ dir }: LaunchedProgram): number => Number(readFileSync(join(dirname(dir), 'pid'), 'utf8'));

async function isRestored({ screen, dir }: LaunchedProgram, status: number): Promise<void> {
  await screen.until(({ text }) => text().includes('left to read'), 'end of the program');
  await screen.ended;
  expect(screen.text()).toContain('modes as before');
  expect(screen.text()).toContain(`left to read: ''; status ${status}`);
  expect([...screen.modes].filter((mode) => mode !== 1049)).toEqual([25]); // the reset of 1047 resets 1049 too
  expect(screen.terminal.buffer.active.type).toBe('normal');
  await nothingGoesOn(dir);
}

async function nothingGoesOn(dir: string): Promise<void> {
  await until(() => workingIn(dir).length === 0, { deadlineMs: 5000 });
  expect(workingIn(dir)).toEqual([]);
  expect(existsSync(join(dir, '.screen.lock'))).toBe(false);
}

it('the terminal is restored after q, with the mouse on and a shell open', async () => {
  await using sitting = await sitInShell();
  const { screen } = sitting;
  await openShell(screen);
  expect([...screen.modes]).toEqual(expect.arrayContaining([1000, 1006, 2004]));
  screen.type(`${leave}q`);
  await isRestored(sitting, 0);
});

it('the terminal is restored after Ctrl-C', async () => {
  await using sitting = await sitInShell();
  sitting.screen.type('\u0003');
  await isRestored(sitting, 0);
});

it('a background report that the terminal sends during the end is still read', async () => {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const terminal = { stdin, stdout, env: { TERM: 'xterm' } } as unknown as Terminal;
  const heard: string[] = [];
  const keyboard = openKeyboard(
    terminal,
    ({ kind }) => heard.push(kind) > 0,
    () => undefined,
  );
  const closed = keyboard.close();
  stdin.write('\u001b]11;rgb:0000/0000/0000\u001b\\');
  await closed;
  expect(heard).toEqual(['background']);
  expect(stdin.isPaused()).toBe(true);
});

it.each(['SIGTERM', 'SIGHUP'] as const)('the terminal is restored after %s, with vim in the pane', async (signal) => {
  await using sitting = await sitInShell();
  const { screen } = sitting;
  await openShell(screen);
  screen.type('vim -u NONE notes\r');
  await shows(screen, /│ ~\s/);
  process.kill(pidOf(sitting), signal);
  await isRestored(sitting, 0);
});

it.each(['SIGUSR2', 'SIGUSR1'] as const)('the terminal is restored after an internal error (%s)', async (signal) => {
  await using sitting = await sitInShell();
  const { screen } = sitting;
  await openShell(screen);
  process.kill(pidOf(sitting), signal);
  await isRestored(sitting, 3);
  expect(screen.text()).toContain('Please report it');
});

async function killEditor({ screen, dir }: LaunchedProgram): Promise<void> {
  screen.type('e');
  await shows(screen, 'postgresql.conf');
  const editor = () => Number(/^(\d+) vim /m.exec(workingIn(dir).join('\n'))?.[1] ?? 0);
  await until(() => editor() > 0, { deadlineMs: 5000 });
  await screen.until(({ text }) => text().includes('#'), 'the file');
  process.kill(editor(), 'SIGKILL');
  await shows(screen, 'It ended with status');
}

it('the terminal is restored after an editor beside the lesson was killed', async () => {
  await using sitting = await sitInShell({ lesson: 4 });
  await killEditor(sitting);
  sitting.screen.type('\r');
  await shows(sitting.screen, 'h hint');
  sitting.screen.type('ql');
  await isRestored(sitting, 0);
});

it('the terminal is restored after an editor on the whole screen was killed', async () => {
  using copy = withoutPty();
  await using sitting = await sitInShell({ lesson: 4, ...copy });
  await killEditor(sitting);
  sitting.screen.type('\r');
  await shows(sitting.screen, 'h hint');
  sitting.screen.type('ql');
  await isRestored(sitting, 0);
});

it('the terminal is restored after SIGTERM while the end of an editor is shown', async () => {
  using copy = withoutPty();
  await using sitting = await sitInShell({ lesson: 4, ...copy });
  await killEditor(sitting);
  process.kill(pidOf(sitting), 'SIGTERM');
  await isRestored(sitting, 0);
});

it.each(['SIGTERM', 'SIGHUP'] as const)(
  'the terminal is restored after %s while a shell has the whole screen',
  async (signal) => {
    using copy = withoutPty();
    await using sitting = await sitInShell(copy);
    const { screen } = sitting;
    screen.type('t');
    await shows(screen, '(lab) $');
    process.kill(pidOf(sitting), signal);
    await isRestored(sitting, 0);
  },
);

it.each(['', 'setsid'])('no process is left when the terminal’s window is closed (%s)', async (session) => {
  await using sitting = await sitInShell({ session }); // in its own session the program gets no signal
  const { screen, dir } = sitting;
  await openShell(screen);
  screen.type('vim -u NONE notes\r');
  await shows(screen, /│ ~\s/);
  const pid = pidOf(sitting);
  await screen.closeWindow();
  await until(() => !existsSync(`/proc/${pid}`), { deadlineMs: 10_000 });
  expect(existsSync(`/proc/${pid}`)).toBe(false);
  await nothingGoesOn(dir);
});

/** The terminal beside the lesson, in the whole program. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { until } from '../../src/lab/machine/until.ts';
import { launchInNewLab, openShell, shows, withoutPty, workingIn } from './program.ts';

const leave = '\u001d';

it('the terminal is a shell in the lab with the learner’s start-up files and the lab’s commands first', async () => {
  await using sitting = await launchInNewLab({
    bashrc: "PS1='mine$ '; PATH=/usr/bin:$PATH; alias hallo='echo selam'\n",
  });
  const { screen, dir } = sitting;
  screen.type('t');
  await shows(screen, '(lab) mine$');
  screen.type('hallo; command -v psql; pwd; stty size\r');
  await shows(screen, 'selam');
  await shows(screen, `${dir}/bin/psql`);
  await screen.until(({ terminal: { buffer } }) => {
    const { baseY, cursorY, cursorX } = buffer.active;
    return /│ \(lab\) mine\$ $/.test(
      buffer.active.getLine(baseY + cursorY)?.translateToString(false, 0, cursorX) ?? '',
    );
  }, 'the cursor behind the prompt');
  screen.type('repl-workshop list | head -3\r');
  await shows(screen, 'What replication is');
});

it('the terminal passes Ctrl-C, Ctrl-R, Esc and a whole paste to the shell', async () => {
  await using sitting = await launchInNewLab();
  const { screen } = sitting;
  await openShell(screen);
  screen.type('sleep 1000\r');
  await shows(screen, 'sleep 1000');
  screen.type('\u0003');
  await shows(screen, '^C');
  await shows(screen, /\^C\s*\n.*\(lab\) \$/);
  screen.type('\u0012sle');
  await shows(screen, /reverse-i-search\)`sle': sleep/);
  screen.type('\u0007\u0015\u001b[200~echo one\recho two\u001b[201~');
  await shows(screen, 'echo two');
  expect(screen.text()).not.toMatch(/│ one/);
  screen.type('\r');
  await shows(screen, /│ one *\n.*│ two/);
});

it('the terminal takes a paste over the lesson without running any of it', async () => {
  await using sitting = await launchInNewLab();
  const { screen } = sitting;
  screen.type('\u001b[200~repl-workshop reset --yes\ny\u001b[201~');
  await shows(screen, /\(lab\) \$ repl-workshop reset --yes\s*\n.*│ y/);
  await shows(screen, '[Terminal]');
});

it('the terminal runs vim beside the lesson, also when resized, and then shows the shell again', async () => {
  await using sitting = await launchInNewLab();
  const { screen, dir } = sitting;
  await openShell(screen);
  screen.type('vim -u NONE notes\r');
  await shows(screen, /│ ~\s/);
  screen.type('ihello 数据库 😀\u001b');
  await shows(screen, 'hello 数据库 😀');
  screen.resize(100, 30);
  await screen.until(({ text }) => /hello 数据库 😀/.test(text()) && /│ ~\s/.test(text()), 'vim at the new size');
  screen.type(':wq\r');
  await until(() => existsSync(join(dir, 'notes')), { deadlineMs: 10_000 });
  expect(readFileSync(join(dir, 'notes'), 'utf8')).toBe('hello 数据库 😀\n');
  await screen.until(({ text }) => text().includes('(lab) $') && !/│ ~\s/.test(text()), 'the shell');
  screen.type('stty size\r');
  await shows(screen, /│ \d+ 36\b/);
});

it('the terminal gives the keys back to the lesson, and goes on where it was', async () => {
  await using sitting = await launchInNewLab();
  const { screen } = sitting;
  await openShell(screen);
  screen.type(`echo half${leave}`);
  await screen.until(({ text }) => !text().includes('[Terminal]'), 'the lesson');
  screen.type('?');
  await screen.until(({ text }) => text().includes('Keys') && !text().includes('echo half'), 'nothing but the keys');
  screen.type('\u001b');
  await screen.until(({ text }) => text().includes('echo half'), 'the terminal beside the lesson');
  screen.type('t');
  await shows(screen, '[Terminal]');
  screen.type('way\r');
  await shows(screen, /│ halfway/);
  screen.type(`${leave}z`);
  await screen.until(({ text }) => text().split('\n')[2]?.startsWith('[Terminal]') === true, 'zoom');
  screen.type('exit\r');
  await screen.until(({ text }) => !/Terminal\b.*shell/.test(text()), 'no terminal');
});

it('a goto in the terminal does not finish tasks by its intermediate states', async () => {
  await using sitting = await launchInNewLab({ lesson: 4 });
  const { screen } = sitting;
  await openShell(screen);
  screen.type('repl-workshop goto 5 --yes\r');
  await shows(screen, 'A command in another terminal is working on this lab');
  await shows(screen, 'This is the start of lesson 5');
  await shows(screen, /Clone the master.*Stop the slave · not yet/s);
  expect(screen.text()).toMatch(/Tasks +0 of 4/);
});

it('the lesson reacts to keys during a flood of output in the terminal', async () => {
  await using sitting = await launchInNewLab();
  const { screen } = sitting;
  await openShell(screen);
  screen.type('seq 1 400000\r');
  await shows(screen, /│ \d{4}\s/);
  screen.type(`${leave}?`);
  await shows(screen, 'Keys');
  screen.type('\u001b');
  await shows(screen, '400000');
});

it('quitting the workshop leaves no process of the terminal, and a restored screen', async () => {
  await using sitting = await launchInNewLab();
  const { screen, dir } = sitting;
  await openShell(screen);
  screen.type('vim -u NONE notes\r');
  await shows(screen, /│ ~\s/);
  expect(workingIn(dir).join('\n')).toContain('vim');
  screen.type(`${leave}q`);
  await screen.ended;
  expect(await until(() => workingIn(dir).length === 0, { deadlineMs: 5000 })).toBe(true);
  const { modes, buffer } = screen.terminal;
  expect(buffer.active.type).toBe('normal');
  expect(modes).toMatchObject({
    bracketedPasteMode: false,
    applicationCursorKeysMode: false,
    mouseTrackingMode: 'none',
  });
  expect(screen.text()).toContain('goes on where you left off');
});

it('the terminal says when the shell was killed, but not when it ends with a status', async () => {
  await using sitting = await launchInNewLab();
  const { screen } = sitting;
  await openShell(screen);
  screen.type('kill -9 $$\r');
  await shows(screen, 'The shell was ended from outside');
  screen.type('nt\r'); // n and t were typed for the ended shell
  screen.type('\r');
  await screen.until(({ text }) => !text().includes('[Terminal]'), 'the lesson');
  await openShell(screen);
  screen.type('exit 3\r');
  await screen.until(({ text }) => !text().includes('Terminal'), 'the lesson');
});

it('the shell gets the whole screen where node-pty is not installed', async () => {
  using copy = withoutPty();
  await using sitting = await launchInNewLab(copy);
  const { screen } = sitting;
  screen.type('t');
  await shows(screen, '"exit" brings you back');
  await shows(screen, '(lab) $');
  screen.type('exit\r');
  await shows(screen, 'quit');
});

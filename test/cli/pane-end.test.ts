/** The end of a program in the terminal beside the lesson: text that was typed for it reaches no other program. */
import { expect, it } from 'vitest';
import { openTerminalPane, type StartProgram } from '../../src/cli/screen/pane.ts';
import { until } from '../../src/lab/machine/until.ts';
import type { TerminalProgram } from '../../src/session/session.ts';

const spec = (script: string) => ({
  command: '/bin/sh',
  args: ['-c', script],
  cwd: '/',
  env: { PATH: process.env.PATH ?? '', PS1: '$ ' },
});
const psql: TerminalProgram = { run: 'psql', server: 'master' };
const shell: TerminalProgram = { run: 'shell' };

/** Opens the terminal. `done` runs after the end of a program, as the writing back of an editor's file. */
function sitDown(
  scripts: Readonly<Record<TerminalProgram['run'], string>>,
  done: () => Promise<void> = async () => undefined,
) {
  let rows: readonly string[] = [];
  const start: StartProgram = async (program, runIt) => {
    const result = await runIt(spec(scripts[program.run]));
    await done();
    return result;
  };
  const terminal = openTerminalPane(start, (view) => {
    rows = view.rows.map((runs) => runs.map(({ text }) => text).join(''));
  });
  terminal.setArea({ column: 0, row: 0, columns: 60, rows: 10 });
  const shows = async (text: string) =>
    expect(await until(() => rows.join('\n').includes(text), { deadlineMs: 10_000 }), rows.join('\n')).toBe(true);
  return { terminal, shows, rows: () => rows.join('\n') };
}
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

const scripts = { shell: 'exec sh -i', psql: 'echo refused; exit 2', edit: 'exit 0' };

it('a failed program stays in the terminal until Enter alone, and lines typed for it are dropped', async () => {
  const { terminal, shows } = sitDown(scripts);
  await using _ = terminal;
  let isOver = false;
  const ended = terminal.run(psql).then((end) => {
    isOver = true;
    return end;
  });
  await shows('It ended with status 2');
  for (const typed of ['SELECT 1;\r', 'INSERT INTO visits', ' DEFAULT VALUES;\r', '\\q\rd\r', 'e'])
    terminal.handleInput({ kind: 'keys', text: typed });
  expect(await until(() => isOver, { deadlineMs: 300 })).toBe(false);
  terminal.handleInput({ kind: 'keys', text: '\r' });
  expect(await until(() => isOver, { deadlineMs: 300 })).toBe(false); // Enter ends the typed line that began with e
  terminal.handleInput({ kind: 'keys', text: '\r' });
  expect(await ended).toEqual({ killed: false });
});

it('keys typed while an editor’s file is written back do not reach the shell below', async () => {
  const [saved, putBack] = [gate(), gate()];
  const { terminal, shows, rows } = sitDown(scripts, () => {
    saved.open();
    return putBack.opened;
  });
  await using _ = terminal;
  void terminal.run(shell);
  await shows('$');
  terminal.handleInput({ kind: 'keys', text: "echo be''fore\r" });
  await shows('before');
  const edited = terminal.run({ run: 'edit', server: 'master', file: 'postgresql.conf' });
  await saved.opened;
  terminal.handleInput({ kind: 'keys', text: 'echo typed-for-the-editor\r' });
  putBack.open();
  await edited;
  terminal.handleInput({ kind: 'keys', text: "echo af''ter\r" });
  await shows('after');
  expect(rows()).not.toContain('typed-for-the-editor');
});

it('the terminal says that another program has ended the shell, and waits for Enter', async () => {
  const { terminal, shows } = sitDown({ ...scripts, shell: 'kill -9 $$' });
  await using _ = terminal;
  const ended = terminal.run(shell);
  await shows('The shell was ended from outside');
  terminal.handleInput({ kind: 'keys', text: '\r' });
  expect(await ended).toEqual({ killed: true });
});

import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { openKeyboard, type Terminal } from '../../src/cli/screen/terminal.ts';
import type { TerminalInput } from '../../src/terminal/input.ts';

it('the keyboard is read also after a question that was asked before the screen opened', async () => {
  const stdin = new PassThrough();
  stdin.pause(); // as readline leaves its input
  const terminal = { stdin, stdout: new PassThrough(), env: { TERM: 'linux' } };
  const input = new Promise<TerminalInput>((resolve) => {
    const listener = (one: TerminalInput) => {
      resolve(one);
      return true;
    };
    openKeyboard(terminal as unknown as Terminal, listener, () => undefined);
  });
  stdin.write('q');
  expect(await input).toEqual({ kind: 'keys', text: 'q' });
});

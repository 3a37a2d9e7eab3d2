import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { openKeyboard, type Terminal } from '../../src/cli/screen/terminal.ts';
import type { TerminalInput } from '../../src/terminal/input.ts';

it('hears keys also after a question that was asked before there was a screen', async () => {
  const stdin = new PassThrough();
  stdin.pause(); // as readline leaves it
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

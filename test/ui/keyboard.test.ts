import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { openKeyboard, type Terminal } from '../../src/cli/screen/terminal.ts';

it('the keyboard is read also after a question that was asked before the screen opened', async () => {
  const stdin = new PassThrough();
  stdin.pause(); // as readline leaves its input
  const terminal = { stdin, stdout: new PassThrough(), env: { TERM: 'linux' } };
  const typed = new Promise<string>((resolve) => {
    const typed = (text: string) => {
      resolve(text);
      return text;
    };
    openKeyboard(terminal as unknown as Terminal, { onTyped: typed, onOutput: () => undefined }, () => undefined);
  });
  stdin.write('q');
  expect(await typed).toBe('q');
});

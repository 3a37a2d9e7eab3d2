import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { openKeyboard, type Terminal } from '../../src/cli/screen/terminal.ts';

it('hears keys also after a question that was asked before there was a screen', async () => {
  const stdin = new PassThrough();
  stdin.pause(); // as readline leaves it
  const terminal = { stdin, stdout: new PassThrough(), env: { TERM: 'linux' } };
  const typed = new Promise<string>((told) => {
    const typed = (text: string) => {
      told(text);
      return text;
    };
    openKeyboard(terminal as unknown as Terminal, { onTyped: typed, onOutput: () => undefined }, () => undefined);
  });
  stdin.write('q');
  expect(await typed).toBe('q');
});

import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { openInTerminal, type Screen } from '../bench/terminal.ts';
import { openCli } from './run.ts';

const program = [process.execPath, resolve('dist/repl-workshop.cjs')];
const says = (words: string) => (screen: Screen) => screen.text().includes(words);
const hasMouse = ({ terminal }: Screen) => terminal.modes.mouseTrackingMode !== 'none';
const place = (screen: Screen, words: string) => {
  const lines = screen.text().split('\n');
  const row = lines.findIndex((line) => line.includes(words));
  return `${(lines[row] ?? '').indexOf(words) + 2};${row + 1}`;
};
const click = (screen: Screen, words: string) => screen.type(`\u001b[<0;${place(screen, words)}M`);
const accent = ({ terminal }: Screen) => terminal.buffer.active.getLine(0)?.getCell(1)?.getFgColor();

it('the screen welcomes once, reads mouse and background, and restores the terminal', async () => {
  await using cli = openCli();
  const first = openInTerminal([...program, '--lab', cli.dir], { env: { COLORTERM: 'truecolor' } });
  await first.until(says('Enter begin'), 'welcome');
  await first.until(hasMouse, 'mouse');
  click(first, 'Enter begin');
  await first.until(says('h hint'), 'lesson');
  const dark = accent(first);
  first.type('\u001b]11;rgb:ffff/ffff/ffff\u001b\\');
  await first.until((screen) => accent(screen) !== dark, 'light theme');
  click(first, '? keys');
  await first.until(says('To read'), 'help');
  first.type('\u001b');
  await first.until((screen) => !says('To read')(screen), 'lesson again');
  first.type('q');
  await first.until(says('goes on where you left off'), 'farewell');
  expect(hasMouse(first)).toBe(false);
  await first.close();

  const second = openInTerminal([...program, '--lab', cli.dir], { env: { REPL_WORKSHOP_MOUSE: '0' } });
  await second.until(says('h hint'), 'lesson, without a welcome');
  expect(hasMouse(second)).toBe(false);
  second.type('q');
  await second.close();
});

it('the screen reader version prints its text in reading order on the normal screen', async () => {
  await using cli = openCli();
  await cli.run('answer', 'writes', 'b');
  await using screen = lasting(openInTerminal([...program, '--lab', cli.dir, '--screen-reader'], { rows: 100 }));
  await screen.until(says('Keys: '), 'keys');
  const text = screen.text();
  expect(text.indexOf('Lesson 1 of')).toBeLessThan(text.indexOf('Keys: '));
  expect(screen.terminal.buffer.active.type).toBe('normal');
  screen.type('g');
  await screen.until(says('chosen: 1, What replication is'), 'lesson list');
  screen.type('\u001b');
  await screen.until(says('Back in the lesson.'), 'lesson');
  screen.type('t');
  await screen.until(says('"exit" brings you back'), 'shell');
  screen.type('exit\r');
  await screen.until((one) => / brings you back.*Back in the lesson\./s.test(one.text()), 'lesson again');
  expect(screen.text().match(/Lesson 1 of/g)).toHaveLength(1);
});

const lasting = (screen: Screen) => Object.assign(screen, { [Symbol.asyncDispose]: () => screen.close() });

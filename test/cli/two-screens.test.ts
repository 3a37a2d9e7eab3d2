/** Two screens on one lab: the second only looks, until the first one is gone. */
import { dirname, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { openInTerminal } from '../bench/terminal.ts';
import { type Sitting, shows, showsNoMore, sitDown } from './sitting.ts';

const second = ({ dir }: Sitting) =>
  openInTerminal([process.execPath, resolve('dist/repl-workshop.cjs'), '--lab', dir], {
    columns: 120,
    rows: 40,
    env: { HOME: dirname(dir), SHELL: '/bin/bash', LANG: 'C.UTF-8' },
  });

it('the second one takes over when the first one is left, and says so', async () => {
  await using first = await sitDown();
  const screen = second(first);
  try {
    await shows(screen, 'only looking');
    screen.type('r');
    await shows(screen, 'Another screen is open on this lab');
    first.screen.type('q');
    await shows(screen, 'this one works now');
    await showsNoMore(screen, 'only looking');
    screen.type('r');
    await shows(screen, 'Put the servers back');
    expect(screen.text()).not.toContain('Another screen');
  } finally {
    await screen.close();
  }
});

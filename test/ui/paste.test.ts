import { expect, it } from 'vitest';
import { pasteIntent } from '../../src/ui/input/paste.ts';
import { createSession } from '../session/fixture.ts';

it('a paste over the lesson is text for the shell, without a trailing line', () => {
  const { session } = createSession();
  expect(pasteIntent('initdb -D rep\npg_ctl start\n', session)).toEqual({
    do: 'type text',
    text: 'initdb -D rep\npg_ctl start\n',
  });
  expect(pasteIntent(' \n', session)).toBeUndefined();
});

it('a paste into a search becomes part of the pattern', () => {
  const screen = createSession();
  screen.press({ do: 'search', from: 0 });
  screen.press({ do: 'search on', text: 'pg' });
  expect(pasteIntent('_hba\n', screen.session)).toEqual({ do: 'search on', text: 'pg_hba' });
});

it('a paste answers no question of the workshop', () => {
  const screen = createSession();
  screen.press({ do: 'reset' });
  expect(pasteIntent('y', screen.session)).toBeUndefined();
});

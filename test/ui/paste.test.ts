import { expect, it } from 'vitest';
import { pasteIntent } from '../../src/ui/input/paste.ts';
import { createSession } from '../session/fixture.ts';

it('over the lesson it is text for the shell, line by line', () => {
  const { session } = createSession();
  expect(pasteIntent('initdb -D rep\npg_ctl start\n', session)).toEqual({
    do: 'type text',
    text: 'initdb -D rep\npg_ctl start\n',
  });
  expect(pasteIntent(' \n', session)).toBeUndefined();
});

it('is letters of a search', () => {
  const room = createSession();
  room.press({ do: 'search', from: 0 });
  room.press({ do: 'search on', text: 'pg' });
  expect(pasteIntent('_hba\n', room.session)).toEqual({ do: 'search on', text: 'pg_hba' });
});

it('answers no question of the workshop', () => {
  const room = createSession();
  room.press({ do: 'reset' });
  expect(pasteIntent('y', room.session)).toBeUndefined();
});

import { expect, it } from 'vitest';
import { pasted } from '../../src/ui/input/paste.ts';
import { sitDown } from '../session/room.ts';

it('over the lesson it is text for the shell, line by line', () => {
  const { session } = sitDown();
  expect(pasted('initdb -D rep\npg_ctl start\n', session)).toEqual({
    do: 'type',
    text: 'initdb -D rep\npg_ctl start\n',
  });
  expect(pasted(' \n', session)).toBeUndefined();
});

it('is letters of a search', () => {
  const room = sitDown();
  room.press({ do: 'search', from: 0 });
  room.press({ do: 'search on', text: 'pg' });
  expect(pasted('_hba\n', room.session)).toEqual({ do: 'search on', text: 'pg_hba' });
});

it('answers no question of the workshop', () => {
  const room = sitDown();
  room.press({ do: 'reset' });
  expect(pasted('y', room.session)).toBeUndefined();
});

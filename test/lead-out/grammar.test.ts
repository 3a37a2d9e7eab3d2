/** The grammar of mutations, without any server. */
import { expect, it } from 'vitest';
import { newRandom } from '../postgres/against/random.ts';
import { families } from './families/kind.ts';
import { familiesAt, mutationOf } from './grammar.ts';

const lessonNumbers = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

it('has eight states at least for each family and each lesson that it can touch', () => {
  for (const lesson of lessonNumbers)
    for (const family of familiesAt(lesson)) {
      const random = newRandom(`${lesson} ${family}`);
      const names = new Set(Array.from({ length: 200 }, () => mutationOf(lesson, family, random).name));
      expect(names.size, `lesson ${lesson}, ${family}`).toBeGreaterThanOrEqual(8);
    }
  expect(new Set(lessonNumbers.flatMap(familiesAt))).toEqual(new Set(families));
});

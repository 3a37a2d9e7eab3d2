/** All kinds of mutations, and the choice of one. */
import type { Random } from '../postgres/against/random.ts';
import { catalogKinds } from './families/catalog.ts';
import { type Family, families, type Kind, type Mutation } from './families/kind.ts';
import { machineKinds } from './families/machine.ts';
import { settingKinds } from './families/settings.ts';
import { writtenKinds } from './families/written.ts';

const kinds: readonly Kind[] = [...settingKinds, ...catalogKinds, ...writtenKinds, ...machineKinds];

const kindsAt = (lesson: number, family: Family): readonly Kind[] =>
  kinds.filter((kind) => kind.family === family && lesson >= kind.lessons[0] && lesson <= kind.lessons[1]);

/** The families that can touch this lesson. */
export const familiesAt = (lesson: number): readonly Family[] =>
  families.filter((family) => kindsAt(lesson, family).length > 0);

export const mutationOf = (lesson: number, family: Family, random: Random): Mutation =>
  random.pick(kindsAt(lesson, family)).make(random);

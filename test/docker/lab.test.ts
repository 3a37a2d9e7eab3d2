import { it } from 'vitest';
import { engineContract } from '../lab/contract.ts';
import { dockerLab, imageOf, whyNoImage } from './lab.ts';

const kinds = [
  [18, 'folder'],
  [15, 'volume'],
] as const;
for (const [major, storage] of kinds) {
  if (imageOf(major))
    engineContract(`Docker, PostgreSQL ${major}, data in a ${storage}`, () => dockerLab(major, { storage }));
  else it(`a lab on Docker with PostgreSQL ${major} fulfils the contract`, ({ skip }) => skip(whyNoImage(major)));
}

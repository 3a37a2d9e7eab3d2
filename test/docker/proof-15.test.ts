import { it } from 'vitest';
import { proveIn } from '../proof/proof.ts';
import { dockerLab, imageOf } from './lab.ts';

/**
 * The solutions, and the mistakes that only containers have. All other mistakes are made on Docker with 18 and on
 * native servers.
 */
const options = {
  chosen: ({ only }: { readonly only?: { readonly engine?: string } }) => only?.engine === 'docker',
  deadlineMs: 400_000,
};

if (imageOf(15)) proveIn('Docker, PostgreSQL 15', () => dockerLab(15), options);
else it('the lessons are proved on Docker with PostgreSQL 15', ({ skip }) => skip('no image of PostgreSQL 15'));

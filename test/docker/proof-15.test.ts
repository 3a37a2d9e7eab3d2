import { it } from 'vitest';
import type { Tries } from '../../src/lesson/authoring/prove.ts';
import { proveIn } from '../proof/proof.ts';
import { dockerLab, imageOf, whyNoImage } from './lab.ts';

/**
 * The solutions, and the mistakes that only containers have. All other mistakes are made on Docker with 18 and on
 * native servers.
 */
const chosen: Tries = (all) => all.filter(({ only }) => only?.engine === 'docker');

if (imageOf(15)) proveIn('Docker, PostgreSQL 15', () => dockerLab(15), { chosen, deadlineMs: 400_000 });
else it('the lessons are proved on Docker with PostgreSQL 15', ({ skip }) => skip(whyNoImage(15)));

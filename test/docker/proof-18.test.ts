import { it } from 'vitest';
import { proveIn } from '../proof/proof.ts';
import { dockerLab, imageOf, whyNoImage } from './lab.ts';

if (imageOf(18)) proveIn('Docker, PostgreSQL 18', () => dockerLab(18), { deadlineMs: 400_000 });
else it('the lessons are proved on Docker with PostgreSQL 18', ({ skip }) => skip(whyNoImage(18)));

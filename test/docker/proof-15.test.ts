import { it } from 'vitest';
import { proveIn } from '../proof/proof.ts';
import { dockerLab, imageOf } from './lab.ts';

if (imageOf(15)) proveIn('Docker, PostgreSQL 15', () => dockerLab(15));
else it('the lessons on Docker, PostgreSQL 15', () => console.log('left out: no image of PostgreSQL 15'));

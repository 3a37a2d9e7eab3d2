import { proveOn } from './proof.ts';

proveOn({ major: 18 });

import { proveOn } from './proof.ts';

proveOn({ major: 15 });

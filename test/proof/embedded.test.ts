import { everything } from '../everything.ts';
import { proveOn } from './proof.ts';

// The embedded package has no clients, so these are our own psql and pg_basebackup. "npm ci" installs it on every
// machine, so this is the major that the short run proves, in two minutes: half a minute of them for starts and
// solutions.
proveOn('18', { major: 18 }, everything ? {} : { shareMs: 90_000 });

import { everything } from '../everything.ts';
import { proveOn } from './proof.ts';

// The embedded package has no clients, so these are our own psql and pg_basebackup. "npm ci" installs it on every
// machine, so this is the major that the short run proves, in two minutes: half a minute of them for starts and
// solutions. With every test switched on, solve is played on the installed major; `dev check --pg 18` plays it here.
proveOn('18', { major: 18 }, everything ? { solve: false } : { shareMs: 90_000 });

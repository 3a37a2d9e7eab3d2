import { proveOn } from './proof.ts';

// The embedded package, with our own psql and pg_basebackup.
proveOn('18', { major: 18 });

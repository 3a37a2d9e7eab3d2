import { proveOn } from './proof.ts';

// The embedded package has no clients, so these are our own psql and pg_basebackup.
proveOn('18', { major: 18 });

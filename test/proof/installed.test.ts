import { it } from 'vitest';
import { installedBinaries } from '../../src/lab/native/binaries.ts';
import { proveOn } from './proof.ts';

// With the real psql and pg_basebackup of a Debian package.
const installed = (await installedBinaries()).find(({ major }) => major >= 13 && major !== 18);
if (installed) proveOn(installed.version, { bindir: installed.bindir });
else it('needs an installed PostgreSQL', ({ skip }) => skip('no PostgreSQL of 13 to 17 is installed'));

import { it } from 'vitest';
import { installedBinaries } from '../../src/lab/native/binaries.ts';
import { everything, leftOut } from '../everything.ts';
import { proveOn } from './proof.ts';

// The Debian package has the real psql and pg_basebackup.
const installed = (await installedBinaries()).find(({ major }) => major >= 13 && major !== 18);
const title = 'the lessons are proved on an installed PostgreSQL';
if (!everything) it(title, ({ skip }) => skip(leftOut));
else if (installed) proveOn(installed.version, { bindir: installed.bindir });
else it(title, ({ skip }) => skip('no PostgreSQL of 13 to 17 is installed'));

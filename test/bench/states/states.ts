/**
 * The costs of moving a lab to a state, against plain commands that make the same state, measured in turn: natively
 * against plain-servers.sh, on Docker against plain-containers.sh. All labs have the PostgreSQL of the script.
 */
import { join } from 'node:path';
import type { Binaries } from '../../../src/lab/native/binaries.ts';
import type { Row } from '../numbers.ts';
import { scratch } from '../workshop.ts';
import { nativeLabs } from './bench-lab.ts';
import { manyLabsRows } from './many-labs.ts';
import { dockerStateRows } from './on-docker.ts';
import { completePostgres, timeOfPlainServers } from './plain-servers.ts';
import { preparedRows } from './prepared.ts';
import { snapshotRows } from './snapshot.ts';

const pairs = 7;
const budgets = { fromNothing: 1, filled: 0.5, command: 0.3, inside: 0.15, undo: 0.2 };

export async function* stateRows(): AsyncGenerator<Row> {
  const postgres = await completePostgres();
  if (postgres) yield* nativeRows(postgres);
  else yield { what: 'native states', measured: 'left out: no installed pg_basebackup' };
  yield* dockerStateRows();
}

async function* nativeRows({ bindir, version }: Binaries): AsyncGenerator<Row> {
  const kind = nativeLabs(bindir);
  const cache = join(scratch, 'cache');
  yield { what: 'native states: PostgreSQL', measured: version };
  yield* preparedRows({ about: '', kind, cache, budgets, pairs, plain: () => timeOfPlainServers(bindir) });
  yield* snapshotRows(kind, cache);
  yield* manyLabsRows(kind, cache);
}

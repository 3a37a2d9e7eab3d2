/** The time from a change by the learner to its verdict on the screen. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { median, type Row, spread } from './numbers.ts';
import type { Screen } from './terminal.ts';
import { answerTo, lab, openWorkshop, quiet, rounds, run, workshop } from './workshop.ts';

export async function verdictRows(): Promise<readonly Row[]> {
  await workshop('goto', '4', '--yes');
  await using screen = await openWorkshop();
  return [await saved(screen), await throughSql(screen), await killed(screen)];
}

/** Saves the master's pg_hba.conf, which the tasks of lesson 4 check. */
async function saved(screen: Screen): Promise<Row> {
  const file = join(lab, 'rep/master_data/pg_hba.conf');
  const before = readFileSync(file, 'utf8');
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    times.push(
      await answerTo(screen, () => appendFileSync(file, 'host replication slave 127.0.0.1/32 scram-sha-256\n')),
    );
    times.push(await answerTo(screen, () => writeFileSync(file, before)));
  }
  return within('a file saved to its verdict on the screen', times, 250);
}

/** Changes the role of lesson 3 and changes it back, which only the next look can see. */
async function throughSql(screen: Screen): Promise<Row> {
  const times: number[] = [];
  for (const role of ['NOREPLICATION', 'REPLICATION', 'NOREPLICATION', 'REPLICATION']) {
    const { master } = await ports();
    const to = ['-h', '127.0.0.1', '-p', String(master), '-U', 'postgres', '-c', `ALTER ROLE slave ${role}`];
    let done = 0;
    const answered = await answerTo(screen, async () => {
      const started = performance.now();
      await run(join(lab, 'bin/psql'), to, { ...process.env, PGPASSFILE: join(lab, 'shell/pgpass') });
      done = performance.now() - started;
    });
    times.push(answered - done);
  }
  return within('a deed that only a look can see (SQL)', times, 1500);
}

async function killed(screen: Screen): Promise<Row> {
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    const pid = Number(readFileSync(join(lab, 'rep/slave_data/postmaster.pid'), 'utf8').split('\n')[0]);
    times.push(await answerTo(screen, () => void process.kill(pid, 'SIGKILL')));
    // Until the last process of the killed server has ended.
    while ((await workshop('up')).status !== 0) await rest(200);
    await quiet(screen);
  }
  return within('a killed server to its verdict', times, 400);
}

const within = (what: string, times: readonly number[], budget: number): Row => ({
  what,
  measured: spread(times),
  budget: `median ${budget} ms`,
  kept: median(times) <= budget,
});

async function ports(): Promise<Readonly<Record<string, number>>> {
  const { servers } = JSON.parse((await workshop('status', '--json')).stdout) as {
    servers: { name: string; port: number }[];
  };
  return Object.fromEntries(servers.map(({ name, port }) => [name, port]));
}

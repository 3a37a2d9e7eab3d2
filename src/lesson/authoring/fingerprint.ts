/**
 * What no look may change: rows, configuration and signal files, roles, slots, the next transaction id, processes. LSNs
 * and heap files are not part of it, because the server changes them by itself.
 */
import type { Lab, Server } from '../../lab/lab.ts';

export type Fingerprint = Readonly<Record<string, string>>;

const files = [
  'postgresql.conf',
  'postgresql.auto.conf',
  'pg_hba.conf',
  'standby.signal',
  'recovery.signal',
  'backup_label',
];

// Autovacuum uses transaction ids too, so after its work the next one says nothing.
const questions = {
  'next transaction id': `SELECT CASE WHEN (SELECT sum(autovacuum_count + autoanalyze_count) FROM pg_stat_all_tables) > 0 THEN 'autovacuum was here'
                          ELSE pg_snapshot_xmax(pg_current_snapshot())::text END AS value`,
  roles: `SELECT string_agg(rolname || rolsuper || rolreplication || rolcanlogin || coalesce(md5(rolpassword), ''), ',' ORDER BY rolname) AS value FROM pg_authid`,
  slots: `SELECT string_agg(slot_name || coalesce(restart_lsn::text, ''), ',' ORDER BY slot_name) AS value FROM pg_replication_slots`,
  rows: `SELECT string_agg(relname || n_tup_ins || '/' || n_tup_upd || '/' || n_tup_del, ',' ORDER BY relname) AS value FROM pg_stat_user_tables`,
  started: 'SELECT pg_postmaster_start_time()::text AS value',
} as const;

export async function fingerprint(lab: Lab): Promise<Fingerprint> {
  const marks: [string, string][] = [];
  const { servers } = await lab.observe();
  for (const { name } of lab.plan.servers) {
    const server = lab.server(name);
    const process = servers[name]?.process;
    marks.push([`${name}: process`, `${process?.state} ${process?.pid ?? ''}`]);
    for (const file of files) marks.push([`${name}: ${file}`, (await server.readFile(file)) ?? 'absent']);
    if (process?.state === 'up') marks.push(...(await answers(server, name)));
  }
  return Object.fromEntries(marks);
}

async function answers(server: Server, name: string): Promise<[string, string][]> {
  const given: [string, string][] = [];
  for (const [about, text] of Object.entries(questions)) {
    const { rows } = await server.sql(text);
    given.push([`${name}: ${about}`, String(rows[0]?.value ?? '')]);
  }
  return given;
}

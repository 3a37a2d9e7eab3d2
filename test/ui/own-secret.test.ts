/**
 * A lab's own password in texts without a word like "password" beside it: no screen that shows servers, files and logs
 * shows it.
 */
import { expect, it } from 'vitest';
import type { Observation } from '../../src/lab/observation.ts';
import { secretsOf } from '../../src/lab/secrets/secrets.ts';
import { frameMaker } from '../../src/ui/layout/frame.ts';
import { plainText } from '../../src/ui/page/prose.ts';
import { createSession, here } from '../session/fixture.ts';
import { line, notes, partsOf } from '../session/logs.ts';
import { planWith, replicas, sender } from '../session/replicas.ts';

const draw = frameMaker({ notes, root: false, planOf: () => [] });
const secret = 'slave_x4hq9tbn';

const withSecret = (seen: Observation): Observation => {
  const servers = Object.entries(seen.servers).map(([name, view]) => {
    const waiting = { pid: 7, since: seen.at, user: 'postgres', database: 'master', query: `SELECT ${secret}` };
    const process = { ...view.process, reason: `it said ${secret}` };
    const record = { level: 'ERROR', time: seen.at, message: `I typed ${secret}`, lines: 1 };
    const sql = 'what' in view.sql ? view.sql : { ...view.sql, waiting: [waiting] };
    return [name, { ...view, process, sql, log: { ...view.log, records: [record] } }];
  });
  return { ...seen, servers: Object.fromEntries(servers) };
};

it.each([
  ['the side column', { do: 'server', by: 1 }],
  ['the map', { do: 'map' }],
  ['the log', { do: 'log' }],
] as const)('the plan’s own password is hidden on %s', async (_, open) => {
  const seen = withSecret(replicas({ slave: 'master' }, sender('master', 'slave', {})));
  const usual = planWith(seen);
  const plan = { ...usual, replication: { ...usual.replication, password: secret } };
  expect(secretsOf(plan)).toContain(secret);
  for (const [columns, rows] of [
    [80, 24],
    [120, 40],
  ] as const) {
    const screen = createSession({ columns, rows, plan, changes: [here('streaming')] });
    screen.dispatch({ kind: 'observed', now: seen, learner: screen.session.learner, saves: screen.session.saves });
    screen.press(open);
    const texts = { master: `${line('14:00:00.000', `ERROR:  I typed ${secret}`)}\n` };
    if (open.do === 'log') for (const part of await partsOf(texts)) screen.dispatch({ kind: 'log read', part });
    const text = plainText(draw(screen.session).lines);
    if (columns === 120) expect(text).toContain('********');
    expect(text).not.toContain(secret);
  }
});

import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../../src/postgres/log/lines/record.ts';
import { append, countOf, emptyBuffer, endOf, type LogChunk } from '../../src/session/log/buffer.ts';
import { recordAt } from '../../src/session/log/record.ts';
import { cursorOf, type LogMove, type OpenLog, shownOf } from '../../src/session/log/state.ts';
import { logRead } from '../../src/session/log/update.ts';
import { logIntakeOf } from '../../src/session/run/log-source.ts';
import { createSession, done, here } from './fixture.ts';
import { line, partsOf } from './logs.ts';

const startOf = (time: string) => line(time, 'LOG:  starting PostgreSQL 18.4 on x86_64-pc-linux-gnu', 1);
const refused = 'FATAL:  password authentication failed for user "slave"';

const master = [
  startOf('13:00:00.000'),
  line('13:00:05.000', 'LOG:  database system is shut down'),
  startOf('14:00:00.000'),
  line('14:00:01.000', 'LOG:  database system is ready to accept connections'),
  line('14:03:00.100', refused),
  line('14:03:00.100', 'DETAIL:  Role "slave" does not exist.'),
  '',
].join('\n');
const slave = [
  line('14:01:59.000', 'LOG:  entering standby mode'),
  line(
    '14:03:00.200',
    'FATAL:  streaming replication receiver "walreceiver" could not connect to the primary server: connection to server at "127.0.0.1", port 5432 failed: FATAL:  password authentication failed for user "slave"',
  ),
  '',
].join('\n');

async function opened(texts: Readonly<Record<string, string>> = { master, slave }) {
  const screen = createSession({ changes: [done('guess/who-writes'), here('servers')] });
  screen.observe(); // finishes two tasks, so the third begins at 14:02:30
  screen.press({ do: 'log' });
  for (const part of await partsOf(texts)) screen.dispatch({ kind: 'log read', part });
  const view = (): OpenLog => {
    const { overlay } = screen.session;
    if (overlay?.kind !== 'log') throw new Error('the log view is closed');
    return overlay;
  };
  const at2 = (number: number) => saysOf(view(), number);
  return {
    screen,
    view,
    move: (move: LogMove) => screen.press({ do: 'in log', move }),
    messages: () => saidIn(view()),
    cursor: () => at2(cursorOf(view(), shownOf(view())) ?? -1),
  };
}

const saidIn = (view: OpenLog): readonly string[] =>
  view.buffer.chunks.flatMap((chunk) => [...shownOf(view)(chunk)].map((index) => saysOf(view, chunk.from + index)));

function saysOf({ buffer, servers }: OpenLog, number: number): string {
  const chunk = buffer.chunks.find(({ from, ends }) => number >= from && number < from + ends.length);
  if (!chunk) return '';
  const index = number - chunk.from;
  return `${servers[chunk.servers[index] ?? 0]}: ${recordAt(chunk, index).message.slice(0, 30)}`;
}

describe('the log view', () => {
  it('the log view orders the records of both servers by time, with their continuation lines', async () => {
    const { messages, view } = await opened();
    expect(messages()).toEqual([
      'master: starting PostgreSQL 18.4 on x8',
      'master: database system is shut down',
      'master: starting PostgreSQL 18.4 on x8',
      'master: database system is ready to ac',
      'slave: entering standby mode',
      'master: password authentication failed',
      'slave: streaming replication receiver',
    ]);
    const [chunk] = view().buffer.chunks;
    expect(chunk && recordAt(chunk, 5).detail).toBe('Role "slave" does not exist.');
  });

  it('the log view shows one server, then the next, then both again', async () => {
    const { messages, move } = await opened();
    move({ to: 'server', by: 1 });
    expect(messages().length).toBe(5);
    move({ to: 'server', by: 1 });
    expect(messages().every((said) => said.startsWith('slave'))).toBe(true);
    move({ to: 'server', by: 1 });
    expect(messages().length).toBe(7);
  });

  it('the log view filters by trouble, by the last start of each server, and by the task’s beginning', async () => {
    const { messages, move } = await opened();
    move({ to: 'next filter' });
    expect(messages()).toEqual(['master: password authentication failed', 'slave: streaming replication receiver']);
    move({ to: 'next filter' });
    expect(messages()[0]).toBe('master: starting PostgreSQL 18.4 on x8');
    expect(messages().length).toBe(5);
    move({ to: 'next filter' });
    expect(messages()).toEqual(['master: password authentication failed', 'slave: streaming replication receiver']);
    move({ to: 'next filter' });
    expect(messages().length).toBe(7);
  });

  it('the cursor of the log view stays on its record when the filter changes', async () => {
    const { move, view, cursor } = await opened();
    move({ to: 'place', cursor: 5, top: { record: 0, line: 0 } });
    move({ to: 'next filter' });
    expect(cursor()).toBe('master: password authentication failed');
    expect(view().follows).toBe(false);
  });

  it('the log view follows the end, stops where the learner reads, and follows again', async () => {
    const { screen, move, view, cursor } = await opened();
    const more = await partsOf({ master: line('14:04:00.000', 'LOG:  checkpoint starting: time\n') });
    const chunk = more[0]?.chunk;
    if (!chunk) throw new Error('nothing was read');
    const grows = () =>
      screen.dispatch({
        kind: 'log read',
        part: { ...more[0], chunk: { ...chunk, from: endOf(view().buffer) } } as (typeof more)[number],
      });
    grows();
    expect(cursor()).toBe('master: checkpoint starting: time');
    move({ to: 'place', cursor: 5, top: { record: 2, line: 0 } });
    grows();
    expect(cursor()).toBe('master: password authentication failed');
    move({ to: 'end' });
    expect(cursor()).toBe('master: checkpoint starting: time');
    expect(countOf(view().buffer, shownOf(view()))).toBe(9);
  });

  it('the log view reads again when a missing log appears', async () => {
    const { screen, view } = await opened();
    const [part] = await partsOf({ master });
    if (!part) throw new Error('nothing was read');
    screen.dispatch({ kind: 'log read', part: { ...part, chunk: null, absent: ['slave'] } });
    expect(screen.observe()).toContainEqual({
      do: 'read log',
      servers: [
        { name: 'master', size: 0 },
        { name: 'slave', size: 0 },
      ],
    });
    expect(view().buffer.reading).toBe(true);
  });

  it('the story of the log leads from a failure to its first line, whatever the filter is', async () => {
    const { move, view, cursor } = await opened();
    const cause = view().buffer.story?.causes[0];
    expect(cause?.says).toContain('no role slave');
    move({ to: 'story' });
    move({ to: 'server', by: 1 });
    move({ to: 'record', server: cause?.server ?? '', line: cause?.line ?? 0 });
    expect(view().story).toBe(false);
    expect(cursor()).toContain(`${cause?.server}: `);
  });
});

it('the log view opens at the line that the verdict of the task names', async () => {
  const { screen, view } = await opened({ master: '', slave: '' });
  const [part] = await partsOf({ master, slave });
  if (!part) throw new Error('nothing was read');
  const task = { since: 0, named: { server: 0, at: Date.UTC(2026, 10, 23, 14, 3, 0, 100) } };
  const [session] = logRead({ ...screen.session, overlay: { ...view(), task, buffer: emptyBuffer } }, part);
  // The note is open there by default, because it is the first record of its kind.
  expect(session.overlay).toMatchObject({ cursor: 5, follows: false, turned: new Set() });
});

it('the log view opens at a named line even if the line repeats an earlier record and its note', async () => {
  const { screen, view } = await opened({ master: '', slave: '' });
  const again = [line('14:03:05.000', refused), line('14:03:05.000', 'DETAIL:  Role "slave" does not exist.'), ''];
  const [part] = await partsOf({ master: master + again.join('\n'), slave });
  if (!part) throw new Error('nothing was read');
  const task = { since: 0, named: { server: 0, at: Date.UTC(2026, 10, 23, 14, 3, 5) } };
  const [session] = logRead({ ...screen.session, overlay: { ...view(), task, buffer: emptyBuffer } }, part);
  expect(session.overlay).toMatchObject({ cursor: 7, turned: new Set([7]) });
});

describe('a log search', () => {
  const typed = async (text: string) => {
    const log = await opened();
    log.move({ to: 'search' });
    log.move({ to: 'type', text });
    while (log.view().search?.ahead) log.screen.dispatch({ kind: 'log searched' });
    return log;
  };

  it('a log search starts at the last hit above the end, and wraps round', async () => {
    const { move, cursor } = await typed('password');
    expect(cursor()).toBe('slave: streaming replication receiver');
    move({ to: 'keep' });
    move({ to: 'hit', by: -1 });
    expect(cursor()).toBe('master: password authentication failed');
    move({ to: 'hit', by: -1 });
    expect(cursor()).toBe('slave: streaming replication receiver');
  });

  it('a small letter in a log search matches capitals too, and a capital only itself', async () => {
    expect((await typed('postgresql 18')).cursor()).toBe('master: starting PostgreSQL 18.4 on x8');
    const { view, cursor } = await typed('Database system');
    expect(view().search?.ahead).toBe(0);
    expect(cursor()).toBe('slave: streaming replication receiver');
  });

  it('Esc in a log search returns to where the search began', async () => {
    const { move, view } = await typed('ready');
    expect(view().follows).toBe(false);
    move({ to: 'clear' });
    expect(view().follows).toBe(true);
    expect(view().search).toBeNull();
  });

  it('a log search takes characters literally, and does not find masked secrets', async () => {
    expect((await typed('(.*')).view().search?.ahead).toBe(0);
    const texts = { master: line('14:00:00.000', "LOG:  statement: ALTER ROLE slave PASSWORD 'sesame'\n"), slave: '' };
    const log = await opened(texts);
    log.move({ to: 'search' });
    log.move({ to: 'type', text: 'sesame' });
    log.screen.dispatch({ kind: 'log searched' });
    expect(log.view().follows).toBe(true);
  });
});

describe('a log of any length', () => {
  it('a long log is read from its newest part backwards, and its lines keep their numbers', async () => {
    const lines = Array.from({ length: 5000 }, (_, at) => line('13:00:00.000', `LOG:  number ${at + 1}`));
    const text = `${lines.join('\n')}\n`;
    const intake = logIntakeOf('master', text.length, 20_000);
    const pieces = text.match(/.{1,5001}/gs) ?? [];
    await intake.fill(
      async function* () {
        yield* pieces;
      },
      () => undefined,
      new AbortController().signal,
    );
    expect(intake.isThere()).toBe(true);
    const taken: LogRecord[] = [];
    while (intake.next(true) !== undefined) taken.push(intake.take().record);
    expect(taken.length).toBeGreaterThan(300);
    expect(taken.length).toBeLessThan(600);
    expect(taken.at(-1)?.message).toBe('number 5000');
    for (const record of taken) expect(record.message).toBe(`number ${record.line}`);
  });

  it('the oldest chunks of a log are dropped when it grows beyond the limit', () => {
    const text = 'x'.repeat(9_000_000);
    const chunk = (from: number): LogChunk => ({
      from,
      text,
      ends: Uint32Array.of(text.length),
      servers: Uint8Array.of(0),
      lines: Uint32Array.of(from + 1),
      times: Float64Array.of(0),
      severityBits: Uint8Array.of(0),
      noteNumbers: Uint16Array.of(0),
    });
    const news = { startRecords: [0], absent: [], story: null, reading: false };
    const buffer = [0, 1, 2, 3].reduce(
      (kept, from) =>
        append(kept, { ...news, chunk: { ...chunk(from * 2000), ends: new Uint32Array(2000).fill(text.length) } }),
      emptyBuffer,
    );
    expect(buffer.chunks.map(({ from }) => from)).toEqual([4000, 6000]);
  });
});

/** Small faults of the screen that learners found. */
import { describe, expect, it } from 'vitest';
import { hintsOf, hintsRead } from '../../src/learner/hints.ts';
import { applyChanges, emptyLearnerState } from '../../src/learner/progress.ts';
import { tasksOf } from '../../src/lesson/task.ts';
import { parseLog } from '../../src/postgres/log/log.ts';
import type { Session } from '../../src/session/session.ts';
import { openSession, update } from '../../src/session/update.ts';
import { keyIntent } from '../../src/ui/keys/table.ts';
import { frameMaker } from '../../src/ui/layout/frame.ts';
import { plainText } from '../../src/ui/page/prose.ts';
import { at, confOnly, sqlOf } from '../check/lab.ts';
import { realLessons } from '../screens/lessons.ts';
import { createSession, done, here, lessons, plan } from '../session/fixture.ts';
import { notes } from '../session/logs.ts';

const draw = frameMaker({ notes, root: false, planOf: () => [] });
const text = (session: Session): string => plainText(draw(session).lines);
const press = (session: Session, ...names: readonly string[]): Session =>
  names.reduce((before, name) => {
    const intent = keyIntent(name, before, draw(before).reach);
    return intent ? update(before, { kind: 'intent', intent })[0] : before;
  }, session);

describe('the welcome', () => {
  const learner = emptyLearnerState;
  const [opened] = openSession({
    lessons,
    plan,
    about: 'native',
    readOnly: false,
    learner,
    at: '2026-11-23T14:02:00.000Z',
    columns: 80,
    rows: 24,
  });
  it('the help closes back to the welcome, and Esc does not close the welcome', () => {
    const keys = press(opened, '?');
    expect(text(keys)).toContain('To read');
    expect(press(keys, 'esc').overlay).toEqual({ kind: 'welcome' });
    expect(press(opened, 'esc').overlay).toEqual({ kind: 'welcome' });
    expect(press(opened, 'enter').overlay).toBeNull();
  });
});

describe('a question', () => {
  it.each([
    ['l', 'log'],
    ['m', 'map'],
  ])('a question lets the learner look with %s, and is open again after it', (key, kind) => {
    const screen = createSession({ columns: 80, rows: 24 });
    screen.observe();
    const asked = press(screen.session, 'enter', 'down');
    expect(press(asked, key).overlay?.kind).toBe(kind);
    for (const close of ['esc', 'q', key]) expect(press(asked, key, close).overlay).toEqual(asked.overlay);
    expect(press(asked, key, 'esc', 'esc').overlay).toBeNull();
  });
});

describe('the place in a lesson', () => {
  const inServers = { changes: [done('guess/who-writes'), here('servers')], columns: 80, rows: 24 };
  it('the place in a lesson is saved however the program ends, also under an overlay', () => {
    const screen = createSession(inServers);
    screen.observe();
    const read = press(screen.session, 'pagedown', 'm');
    const [, effects] = update(read, { kind: 'leaving' });
    expect(effects).toMatchObject([{ do: 'save', changes: [{ kind: 'settings', settings: { reading: {} } }] }]);
  });
  it('the place in a lesson is the top again after a reset', () => {
    const screen = createSession(inServers);
    screen.observe();
    const read = press(screen.session, 'end');
    expect(read.scroll.words).toBeGreaterThan(0);
    const operation = { do: 'reset', lesson: 'servers' } as const;
    const [after] = update({ ...read, operation }, { kind: 'operation ended', operation, problem: null });
    expect(after.scroll.words).toBe(0);
    expect(text(after)).toContain('# Two servers');
  });
});

describe('the terminal', () => {
  it.each([
    ['vim', 'i writes', true],
    ['nvim', 'Esc :wq saves and leaves vi', true],
    ['nano', 'Esc :wq', false],
  ])('the terminal says how %s is left: %s', (editor, words, isSaid) => {
    const screen = createSession({ columns: 120, rows: 24 });
    screen.observe();
    screen.press({ do: 'edit' });
    expect(text({ ...screen.session, editor }).includes(words)).toBe(isSaid);
  });
});

describe('hints', () => {
  it('hints are counted alike on the screen and in the report for each single mistake', async () => {
    for (const lesson of await realLessons())
      for (const one of tasksOf(lesson)) {
        const key = `${lesson.id}/${one.task.id}`;
        const causes = one.task.kind === 'answer' ? ['wrong-answer'] : one.task.check.causes;
        for (const cause of causes) {
          const state = { ...one, key, verdict: { kind: 'fail', cause, seen: '', want: '', next: [] } } as const;
          let learner = emptyLearnerState;
          for (let presses = 0; presses < 12; presses++) {
            const { shown, all, next } = hintsOf(state, learner.progress);
            const isBegun = Object.keys(learner.progress.hints).some((name) => name.startsWith(`${key}/`));
            if (isBegun || all.length === hintsRead(one, learner.progress).all)
              expect(hintsRead(one, learner.progress), `${key} ${cause}`).toEqual({
                shown: shown.length,
                all: all.length,
              });
            if (next) learner = applyChanges(learner, [next]);
          }
        }
      }
  });
});

describe('a saved file', () => {
  const session = (now: Session['now']): Session => {
    const screen = createSession({ columns: 120, rows: 40, changes: [done('guess/who-writes'), here('servers')] });
    screen.observe();
    return { ...screen.session, now };
  };
  it('a saved file that would stop its running server is reported at once', () => {
    const broken = at(4, confOnly('master', 'port = 5432\nshared_buffers 128 MB here\n')).now;
    const shown = text(session(broken));
    expect(shown).toContain('A file that was saved would stop its server at the next start:');
    expect(shown).toContain('line 2 of rep/master_data/postgresql.conf is not understood');
    expect(shown).toMatch(/→ edit rep\/master_data\/postgresql\.conf, line 2/);
    expect(text(session(at(4).now))).not.toContain('A file that was saved');
  });
});

describe('the note on a server that is ready', () => {
  const ready = '2026-11-23 14:02:11.123 UTC [7] LOG:  database system is ready to accept connections';
  const log = (inRecovery: boolean, identifier?: string): string => {
    const seen = at(9, (lab) => {
      const sql = sqlOf(lab, 'slave');
      Object.assign(sql, { inRecovery }, identifier === undefined ? {} : { systemIdentifier: identifier });
      lab.now.servers.slave.log.records = parseLog(ready) as typeof lab.now.servers.slave.log.records;
    });
    const screen = createSession({ columns: 120, rows: 40, changes: [done('guess/who-writes'), here('servers')] });
    screen.observe();
    return text({ ...screen.session, now: seen.now, server: 'slave' }).replaceAll(/\s*\n.*│\s*/g, ' ');
  };
  it('a slave that copies the master and opens for writing gets a warning in the log', () => {
    expect(log(false)).toContain('Open for writing: slave is a copy of master and was started without standby.signal');
  });
  it('a server of its own that opens for writing gets a good note in the log', () => {
    expect(log(false, '42')).toContain('The server is open for reading and for writing');
    expect(log(true)).not.toContain('Open for writing: slave');
  });
});

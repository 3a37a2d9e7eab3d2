import { describe, expect, it } from 'vitest';
import { emptyJournal } from '../../src/check/journal.ts';
import {
  foldedFor,
  plainWidth,
  renderAnswer,
  renderCheck,
  renderHints,
  renderLesson,
  renderList,
  renderNext,
  renderQuestion,
} from '../../src/cli/plain.ts';
import { hintsOf } from '../../src/learner/hints.ts';
import { judgeLesson } from '../../src/learner/judge.ts';
import { applyChanges, emptyLearnerState } from '../../src/learner/progress.ts';
import { done, here, lessons, observation, plan, type Scene } from '../session/fixture.ts';

function never(): never {
  throw new Error('the fixture has changed');
}

const plain = { plan, notes: [], root: false, width: 72, journal: emptyJournal };
const learner = applyChanges(emptyLearnerState, [done('guess/who-writes'), here('servers')]);
const lesson = lessons[1] ?? never();
const states = (scene: Scene) =>
  judgeLesson(lesson, { now: observation(scene), journal: learner.journal }, learner.progress, lessons);

describe('the plain front', () => {
  it('the plain check prints verdicts with what was seen, wanted, why, where and next', () => {
    expect(renderCheck(states({ slave: 'stopped' }), plain)).toBe(`\
2. Two servers (1 of 3)
  ✔ The master runs
      seen  master answers on port 5432
  ✖ The slave runs · not yet
      seen  slave is stopped
      want  slave up, and answering
      why   Nobody can copy from a server that does not run.
      where rep/slave_data/postgresql.conf, line 64
      next  pg_ctl -D rep/slave_data start
  ○ A write is refused · later
      next  “The slave runs” comes first`);
  });

  it('the plain check folds the steps of a concept, and says how to see them', () => {
    const [failed, front] = [states({ slave: 'failed' }), foldedFor(learner)];
    expect(renderCheck(failed, plain, front)).not.toContain('pg_ctl');
    expect(renderCheck(failed, plain, front).replace(/\s+/g, ' ')).toContain('repl-workshop check --steps');
    expect(renderCheck(failed, plain)).toContain('next  pg_ctl -D rep/slave_data start');
    expect(renderCheck(states({ slave: 'stopped' }), plain, front)).toContain('pg_ctl');
  });

  it('the plain check says what could not be looked at, and how to mend that', () => {
    expect(renderCheck(states({ master: 'hung' }), plain)).toContain(`\
  ? The master runs · could not look
      seen  master does not answer.
      fix   Wait a moment.`);
  });

  it('the plain lesson is printed with its verdicts and the next command', () => {
    const text = renderLesson(lesson, states({ slave: 'stopped' }), learner, plain);
    expect(text.split('\n')[0]).toBe('# Two servers');
    expect(text).toContain('repl-workshop check');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(72);
  });

  it('the plain front asks the open question of a lesson', () => {
    const guess = lessons[0] ?? never();
    const open = judgeLesson(guess, { now: observation(), journal: emptyJournal }, emptyLearnerState.progress);
    expect(renderNext(open, emptyLearnerState, plain)).toBe(
      'Next, “Who takes the writes?”:\nrepl-workshop answer writer <choice>',
    );
    const question = guess.words.tasks[0]?.questions[0] ?? never();
    expect(renderQuestion(question, plain)).toBe(
      'Which of the two takes writes?\n\n  a  The standby.\n  b  The primary.',
    );
    expect(renderAnswer(question.choices[1] ?? never(), plain)).toBe('Right.\nIt alone writes the log.');
  });

  it('the plain hints are shown up to a level', () => {
    const state = states({})[0] ?? never();
    const text = renderHints(state, hintsOf(state, learner.progress).all, 2, plain);
    expect(text).toContain('Hint 2 of 3\nHere is where to look.');
    expect(text).not.toContain('the exact line');
  });

  it('the plain list has the lessons, and where the learner is', () => {
    expect(renderList(lessons, learner).split('\n')).toEqual([
      '✔  1  What replication is  5 min, done',
      '▸  2  Two servers          10 min, started, you are here',
      '   3  The slave follows    8 min',
    ]);
  });

  it('the plain width is COLUMNS where that is a sensible number', () => {
    expect([plainWidth({ COLUMNS: '100' }), plainWidth({ COLUMNS: 'wide' }), plainWidth({})]).toEqual([100, 80, 80]);
  });
});

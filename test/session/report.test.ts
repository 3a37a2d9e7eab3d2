import { describe, expect, it } from 'vitest';
import { reportHtml } from '../../src/cli/report/html.ts';
import { reportMarkdown } from '../../src/cli/report/markdown.ts';
import { markIn } from '../../src/cli/report/words.ts';
import type { LevelResult } from '../../src/lab/measure/measurement.ts';
import { applyChanges, emptyLearnerState, type LearnerChange, type LearnerState } from '../../src/learner/progress.ts';
import { learnt } from '../../src/learner/report.ts';
import { done, here, lessons, observation, plan } from './fixture.ts';

const at = '2026-11-23T14:02:00.000Z';
const level = (name: LevelResult['level'], medianMs: number, staleReads: number): LevelResult => ({
  level: name,
  commits: 100,
  medianMs,
  p95Ms: medianMs * 2,
  staleReads,
  reads: 100,
});
const answer = (choice: string): LearnerChange => ({
  kind: 'answer',
  question: 'guess/writer',
  answer: { choice, at },
});

function learner(...changes: readonly LearnerChange[]): LearnerState {
  const { progress, journal, settings } = applyChanges(emptyLearnerState, changes);
  const common = { at, on: 'master', names: 'first 1 (slave1)', syncStandby: 'slave1' };
  const measurements = [
    { ...common, distance: 0, levels: [level('async', 0.4, 92), level('on', 0.6, 9)] },
    { ...common, distance: 5, levels: [level('async', 0.5, 100), level('on', 15, 0)] },
    { ...common, distance: 5, refused: 'nobody is waited for', levels: [] },
  ];
  return { progress, journal: { ...journal, measurements }, settings };
}

const of = (
  changes: readonly LearnerChange[],
  seen: Parameters<typeof learnt>[0]['seen'] = observation({ streaming: true }),
) => learnt({ lessons, learner: learner(...changes), plan, about: 'native · PostgreSQL 18.4', seen, at });

describe('the contents of a report', () => {
  it('a report lists what was done, what with help, and how many hints were read', () => {
    const found = of([
      here('servers'),
      done('guess/who-writes'),
      { kind: 'done', task: 'servers/master-runs', done: { at, seen: 'done by the workshop', assisted: true } },
      { kind: 'hint', task: 'servers/master-runs', level: 2 },
    ]);
    expect(found.lessons.map(({ standing }) => standing)).toEqual(['done', 'begun', 'not begun']);
    expect(found.lessons[1]?.tasks[0]).toMatchObject({ hints: 2, ofHints: 3, done: { assisted: true } });
    expect(found.lessons[0]?.remember).toEqual(['The primary writes, the standby replays.']);
  });

  it('a report keeps the learner’s guess from before the right answer', () => {
    const [one] = of([answer('a'), answer('b'), answer('b')]).answers;
    expect(one).toMatchObject({
      question: 'Which of the two takes writes?',
      choice: 'The primary.',
      right: true,
      before: ['The standby.'],
      assisted: false,
    });
  });

  it('a report has the last measurement that was made near and the last one far', () => {
    const { near, far } = of([]);
    expect([near?.distance, far?.distance, far?.levels.length]).toEqual([0, 5, 2]);
  });

  it('a report says that the servers could not be looked at', () => {
    const found = of([], { what: 'No Docker answers.', fix: 'Start it.' });
    expect(reportMarkdown(found, '0123456789abcdef')).toContain('could not be looked at: No Docker answers.');
    expect(reportHtml(found, '0123456789abcdef')).toContain('could not be looked at: No Docker answers.');
  });

  it('a report shows no password', () => {
    const event: LearnerChange = {
      kind: 'event',
      task: 'servers/refused-write',
      event: { at, seen: "CREATE ROLE slave PASSWORD 'slave_pass'; host=x password=slave_pass" },
    };
    expect(JSON.stringify(of([event]))).not.toContain('slave_pass');
  });
});

describe('a report', () => {
  const hostile: LearnerChange = {
    kind: 'event',
    task: 'servers/refused-write',
    event: { at, seen: `<script>alert("1")</script> | \`x\` *bold* [a](http://b) '&` },
  };

  it('a report escapes markup in log lines and names', () => {
    const html = reportHtml(of([hostile]), '0123456789abcdef');
    expect(html).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;');
    expect(html).not.toMatch(/<script|<link|src=|href=/);
    const row = reportMarkdown(of([hostile]), '0123456789abcdef')
      .split('\n')
      .find((line) => line.includes('alert'));
    expect(row).toContain('&lt;script>alert("1")&lt;/script> \\| \\`x\\` \\*bold\\* \\[a\\](http://b) \'&amp; |');
  });

  it('a report is recognised by its mark, as HTML and as Markdown', () => {
    for (const text of [reportHtml(of([]), '0123456789abcdef'), reportMarkdown(of([]), '0123456789abcdef')])
      expect(markIn(text)).toBe('0123456789abcdef');
    expect(markIn('# My own report.md')).toBeUndefined();
  });

  it('a report draws the learner’s measurements as bars with numbers', () => {
    expect(reportMarkdown(of([]), '0123456789abcdef')).toContain(
      [
        `async         near     0.40 ms  █`,
        `async         far      0.50 ms  █`,
        `on            near     0.60 ms  ██`,
        `on            far     15.00 ms  ${'█'.repeat(40)}`,
      ].join('\n'),
    );
    const html = reportHtml(of([]), '0123456789abcdef');
    expect(html).toContain('>15.00 ms <tspan class="soft">(30.00)</tspan>');
    expect(html).toContain('>92 of 100</text>');
  });
});

/** What verdicts and plans tell a learner to type is what the lessons show. */
import { describe, expect, it } from 'vitest';
import lessons from '../../lessons/index.ts';
import type { LabCommand } from '../../src/check/lab-command.ts';
import type { LabPlan } from '../../src/lab/plan/plan.ts';
import { commandWords } from '../../src/lesson/commands.ts';
import { readerOf } from '../../src/lesson/format/fill.ts';
import { lessonsFor } from '../../src/lesson/format/reader.ts';
import type { Block } from '../../src/lesson/format/words.ts';
import { asOneLine, fencesIn, fencesOf } from '../docker/fences.ts';
import { onDocker } from './docker-plan.ts';
import { plan } from './plan.ts';

const labs: readonly (readonly [name: string, lab: LabPlan])[] = [
  ['native servers', plan],
  ['Docker', onDocker()],
  ['Docker, PostgreSQL 17', onDocker({}, 17)],
  ['Docker, as the learner', onDocker({ user: '1000:1000' })],
  ['Docker, data in volumes', onDocker({ storage: 'volume' })],
];

const readBy = (lab: LabPlan) => lessonsFor(lessons, readerOf(lab, false), lab);

const shownTo = (lab: LabPlan): readonly string[] =>
  readBy(lab).flatMap(({ words }) =>
    [...fencesIn(words.intro), ...words.tasks.flatMap((task) => Object.values(fencesOf(task)).flat())].map(({ text }) =>
      asOneLine(text),
    ),
  );

describe.each(labs)('on %s, a lesson shows how to', (_, lab) => {
  const typed = (command: LabCommand) => commandWords(command, lab);
  const shown = shownTo(lab);
  const made = (on: string) => typed({ do: 'create', on }).replace(/^mkdir -p \S+ && /, ''); // the lesson makes both folders at once
  it.each([
    ['make the master', made('master')],
    ['make the slave', made('slave')],
    ['start', typed({ do: 'start', on: 'slave' })],
    ['stop', typed({ do: 'stop', on: 'slave' })],
    ['reload', typed({ do: 'reload', on: 'master' })],
    ['make the signal file', typed({ do: 'touch', on: 'slave', file: 'standby.signal' })],
    ['put the old cluster aside', typed({ do: 'put-aside', on: 'slave' })],
    ['clone', typed({ do: 'clone', from: 'master', to: 'slave' })],
    ['log in for replication', typed({ do: 'replication-login', from: 'slave', on: 'master' })],
    ['ask', typed({ do: 'sql', on: 'master', text: 'SELECT system_identifier FROM pg_control_system()' })],
  ])('%s', (_what, command) => {
    expect(shown.filter((fence) => fence.includes(command)).length, command).toBeGreaterThan(0);
  });
});

describe('a learner reads of one engine only', () => {
  const native = /\b(pg_ctl|native lab|postmaster\.pid)\b|\bpsql -h 127\.0\.0\.1|replication +\w+ +127\.0\.0\.1\/32/;
  it.each(labs.filter(([, { engine }]) => engine === 'docker'))('%s', (_, lab) => {
    expect(linesOf(lab).filter((line) => native.test(line) || line.includes('logs/'))).toEqual([]);
  });
  it('Docker, data in volumes: of no folder either', () => {
    const lines = linesOf(onDocker({ storage: 'volume' }));
    expect(lines.filter((line) => line.includes('rep/') && !line.includes('│'))).toEqual([]);
  });
  it('native servers', () => {
    expect(linesOf(plan).filter((line) => /docker|container|samenet/i.test(line))).toEqual([]);
  });
});

const linesOf = (lab: LabPlan): readonly string[] =>
  readBy(lab).flatMap(({ words: { intro, tasks, remember } }) => [
    ...wordsIn(intro),
    ...tasks.flatMap(({ title, blocks, hints, questions }) => [
      title,
      ...wordsIn(blocks),
      ...hints.flatMap((hint) => wordsIn(hint.blocks)),
      ...questions.flatMap(({ ask, choices }) => [
        ...wordsIn(ask),
        ...choices.flatMap(({ because }) => wordsIn(because)),
      ]),
    ]),
    ...wordsIn(remember),
  ]);

const wordsIn = (blocks: readonly Block[]): readonly string[] =>
  blocks.flatMap((block) => {
    if (block.kind === 'list') return block.items.flatMap(wordsIn);
    if (block.kind === 'quote') return wordsIn(block.blocks);
    if ('spans' in block) return [block.spans.map(({ text }) => text).join('')];
    return 'text' in block ? block.text.split('\n') : [];
  });

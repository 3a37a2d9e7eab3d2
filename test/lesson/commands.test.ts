/** The commands of verdicts and plans are those that the lessons show. */
import { describe, expect, it } from 'vitest';
import lessons from '../../lessons/index.ts';
import type { LabCommand } from '../../src/check/lab-command.ts';
import type { SeenPlan } from '../../src/lab/plan/plan-seen.ts';
import { commandWords } from '../../src/lesson/commands.ts';
import { fill, readerOf } from '../../src/lesson/format/fill.ts';
import { lessonsFor } from '../../src/lesson/format/reader.ts';
import type { Block } from '../../src/lesson/format/words.ts';
import { asOneLine, fencesIn, fencesOf } from '../docker/fences.ts';
import { onDocker } from './docker-plan.ts';
import { plan } from './plan.ts';
import { composed, literalTutorial } from './seen-labs.ts';

const labs: readonly (readonly [name: string, lab: SeenPlan])[] = [
  ['native servers', plan],
  ['Docker', onDocker()],
  ['Docker, PostgreSQL 17', onDocker({}, 17)],
  ['Docker, as the learner', onDocker({ user: '1000:1000' })],
  ['Docker, data in volumes', onDocker({ storage: 'volume' })],
  ["containers of the tutorial's docker run", literalTutorial],
  ['services of docker compose', composed],
];

const readBy = (lab: SeenPlan) => lessonsFor(lessons, readerOf(lab, false), lab);

const shownTo = (lab: SeenPlan): readonly string[] =>
  readBy(lab).flatMap(({ words }) =>
    [...fencesIn(words.intro), ...words.tasks.flatMap((task) => Object.values(fencesOf(task)).flat())].map(({ text }) =>
      asOneLine(fill(text, lab)),
    ),
  );

describe.each(labs)('the commands on %s', (name, lab) => {
  const isComposed = Object.values(lab.seen?.containers ?? {}).some(({ service }) => service);
  const typed = (command: LabCommand) => commandWords(command, lab);
  const shown = shownTo(lab);
  // The lesson makes both folders with one command.
  const made = (on: string) =>
    typed({ do: 'create', on })
      .replace(/^mkdir -p \S+ && /, '')
      .replace(/ --label \S+/g, '');
  it.each<readonly [string, string]>([
    // A service of compose is made by its own file.
    ...(isComposed ? [] : [['make the master', made('master')] as const, ['make the slave', made('slave')] as const]),
    ['start', typed({ do: 'start', on: 'slave' })],
    ['stop', typed({ do: 'stop', on: 'slave' })],
    ['reload', typed({ do: 'reload', on: 'master' })],
    ['make the signal file', typed({ do: 'touch', on: 'slave', file: 'standby.signal' })],
    ['put the old cluster aside', typed({ do: 'put-aside', on: 'slave' })],
    ['clone', typed({ do: 'clone', from: 'master', to: 'slave' })],
    ['try a replication login', typed({ do: 'replication-login', from: 'slave', on: 'master' })],
    ['ask a server', typed({ do: 'sql', on: 'master', text: 'SELECT system_identifier FROM pg_control_system()' })],
  ])(`${name}: a lesson shows the command to %s`, (_what, command) => {
    expect(shown.filter((fence) => fence.includes(command)).length, command).toBeGreaterThan(0);
  });
});

describe('a learner reads of one engine only', () => {
  const native = /\b(pg_ctl|native lab|postmaster\.pid)\b|\bpsql -h 127\.0\.0\.1|replication +\w+ +127\.0\.0\.1\/32/;
  it.each(labs.filter(([, { engine }]) => engine === 'docker'))(
    'a learner on %s reads nothing of native servers',
    (_, lab) => {
      expect(linesOf(lab).filter((line) => native.test(line) || line.includes('logs/'))).toEqual([]);
    },
  );
  it('a learner on Docker with data in volumes reads of no data folder either', () => {
    const lines = linesOf(onDocker({ storage: 'volume' }));
    expect(lines.filter((line) => line.includes('rep/') && !line.includes('│'))).toEqual([]);
  });
  it('a learner on native servers reads nothing of Docker', () => {
    expect(linesOf(plan).filter((line) => /docker|container|samenet/i.test(line))).toEqual([]);
  });
});

const linesOf = (lab: SeenPlan): readonly string[] =>
  readBy(lab)
    .flatMap(({ words: { intro, tasks, own, remember } }) => [
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
      ...wordsIn(own),
      ...wordsIn(remember),
    ])
    .map((line) => fill(line, lab));

const wordsIn = (blocks: readonly Block[]): readonly string[] =>
  blocks.flatMap((block) => {
    if (block.kind === 'list') return block.items.flatMap(wordsIn);
    if (block.kind === 'quote') return wordsIn(block.blocks);
    if ('spans' in block) return [block.spans.map(({ text }) => text).join('')];
    return 'text' in block ? block.text.split('\n') : [];
  });

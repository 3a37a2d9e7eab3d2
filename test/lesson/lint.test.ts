import { describe, expect, it } from 'vitest';
import { type Check, defineCheck } from '../../src/check/check.ts';
import { lintLesson } from '../../src/lesson/authoring/lint.ts';
import type { LessonFolder, LintContext } from '../../src/lesson/authoring/rule.ts';
import { parseLesson } from '../../src/lesson/format/markdown.ts';
import type { LessonFacts } from '../../src/lesson/lesson.ts';
import { plan } from './plan.ts';

const check: Check = defineCheck(['missing', 'not-loaded'], () => ({ kind: 'pass', seen: 'it is there' }));
const step = { kind: 'state', check, solution: [] } as const;
const mistake = (id: string, cause: string) => ({
  id,
  story: 'I forgot.',
  actions: [],
  caught: { task: 'line', cause },
});

const facts: LessonFacts = {
  id: 'let-it-in',
  minutes: 5,
  tasks: [
    { id: 'line', ...step },
    { id: 'guess', kind: 'answer', questions: ['who'] },
  ],
  mistakes: [mistake('none', 'missing')],
  excused: { 'not-loaded': 'a restart always loads' },
  supersedes: ['before/task'],
};

const md = `# Let it in

Why, as the [chapter](https://www.postgresql.org/docs/) and [lesson 1](../01-before/lesson.md) say. Port {{master.port}}.

\`\`\`diagram
master ──► slave
\`\`\`

## Write the line

:::log{server=slave}
2026-11-23 14:02:11.123 UTC [7] LOG:  started streaming WAL from primary at 0/4000000 on timeline 1
:::

:::hint
The idea.
:::

:::hint
The place.
:::

:::hint
The line.
:::

## Guess

:::predict{#who}
Who?

- [x] master

  Yes.

- [ ] slave

  No.
:::

:::remember
- One.
- Two.
:::
`;

const folder: Omit<LessonFolder, 'text'> = { name: '02-let-it-in', files: ['lesson.md', 'lesson.ts'] };
const known: LintContext = {
  caught: new Set(),
  unproven: {},
  kindOf: (cause) => (cause === 'of no kind' ? undefined : 'slip'),
  folders: ['01-before', '02-let-it-in'],
  tasks: ['before/task', 'let-it-in/line', 'let-it-in/guess'],
  notes: [{ id: 'streaming', pattern: '^LOG:  started streaming', severity: 'good', means: 'It streams.' }],
  plan,
};

const lint = (change: { facts?: Partial<LessonFacts>; folder?: Partial<LessonFolder>; text?: string } = {}) => {
  const text = change.text ?? md;
  return lintLesson(
    { ...folder, text, ...change.folder },
    { ...facts, ...change.facts },
    parseLesson(text, 'lesson.md'),
    known,
  );
};
const edited = (from: string, to: string) => {
  expect(md).toContain(from);
  return lint({ text: md.replace(from, to) });
};
const fence = (info: string) => `\`\`\`bash ${info}\nx\n\`\`\`\n\n`;

it('a good lesson has no finding', () => {
  expect(lint()).toEqual([]);
});

describe('the folder', () => {
  it('the folder of a lesson must have the name of its id', () => {
    expect(lint({ facts: { id: 'let-in' } })).toEqual([
      'the id "let-in" is not the folder\'s name "02-let-it-in" without its number: rename one of them',
    ]);
    expect(lint({ folder: { name: 'let-it-in' } })).toHaveLength(1);
  });
  it('the folder of a lesson must have its two files and no other', () => {
    expect(lint({ folder: { files: ['lesson.md', 'notes.txt'] } })).toEqual([
      'lesson.ts is missing: write it, `dev new` shows how it begins',
      'notes.txt is a stray file: a lesson is lesson.md and lesson.ts, delete the rest',
    ]);
  });
});

describe('tasks', () => {
  it('each task of a lesson must have a heading', () => {
    expect(edited('## Guess', '## Look\n\n## Guess').join()).toContain(
      'lesson.ts has 2 tasks (line, guess), lesson.md has 3 headings (Write the line, Look, Guess): write one "## heading" per task',
    );
  });
  it('tasks must be in the order of their headings, as their questions show', () => {
    expect(lint({ facts: { tasks: [...facts.tasks].reverse() } }).join('\n')).toContain(
      'task "guess" lists question "who", which is not under "Write the line"',
    );
  });
  it('a lesson must have one to four tasks', () => {
    const work = { ...step, solution: [{ do: 'start', on: 'master' }] } as const;
    const ids = ['a', 'b', 'c', 'line'].map((id) => ({ id, ...work }));
    expect(lint({ facts: { tasks: [...ids, ...facts.tasks.slice(1)] } }).join()).toContain(
      '5 tasks are too many for one sitting: keep four at most',
    );
    expect(lint({ facts: { tasks: [] } }).join()).toContain('there is no task');
  });
  it('tasks must have ids and headings of their own', () => {
    const text = md.replace('## Guess', '## Write the line');
    expect(lint({ facts: { tasks: [...facts.tasks, ...facts.tasks.slice(1)] }, text })).toEqual(
      expect.arrayContaining([
        'two tasks are called "guess": rename one',
        expect.stringContaining('two headings say "Write the line"'),
      ]),
    );
  });
});

describe('code blocks', () => {
  const fence = (info: string, text: string) =>
    edited('## Write the line', `\`\`\`${info}\n${text}\n\`\`\`\n\n## Write the line`);
  it('a code block must name a server of the lab', () => {
    expect(fence('sql on=master', 'SELECT 1;')).toEqual([]);
    expect(fence('sql on=standby', 'SELECT 1;').join()).toContain('which is no server: name one of master, slave');
  });
  it.each([
    ['bash', 'SELECT pg_is_in_recovery();', 'a bash fence holds SQL'],
    ['bash', '-- first\nCREATE TABLE visits (id int);', 'a bash fence holds SQL'],
    ['bash', 'host replication slave 127.0.0.1/32 scram-sha-256', 'a bash fence holds a line of pg_hba.conf'],
    ['bash', 'port = 5433', 'a bash fence holds a line of postgresql.conf'],
    ['sql on=master', 'psql -c "SELECT 1"', 'a sql fence holds no SQL'],
    [
      'conf on=master',
      'pg_ctl -D {{master.data}} reload',
      'a conf fence holds a line that postgresql.conf does not take',
    ],
    ['hba on=master', 'host replication slave', 'a hba fence holds a line that pg_hba.conf does not take'],
  ])('a %s fence must not hold %j', (info, text, finding) => {
    expect(fence(info, text).join()).toContain(finding);
  });
  it.each([
    ['bash', 'export PGPASSWORD={{password}}\npsql "host={{host}} replication=true" -c IDENTIFY_SYSTEM'],
    ['bash', 'echo "port = 5433" >> {{slave.data}}/postgresql.conf'],
    ['sql on=master', '\\du'],
    ['conf on=slave', "primary_conninfo = 'host={{master.host}}'"],
    ['hba on=master', 'host replication {{user}} {{near}} scram-sha-256'],
  ])('a %s fence may hold %j', (info, text) => {
    expect(fence(info, text)).toEqual([]);
  });
});

describe('hints', () => {
  it('a hint for a cause must name one that the check gives, and must not give the answer away', () => {
    const hint = (text: string) => edited('The line.\n:::', `The line.\n:::\n\n:::hint{cause="${text}\n:::`);
    expect(hint('missing not-loaded"}\nWhy.')).toEqual([]);
    expect(hint('mising"}\nWhy.')).toEqual([
      'a hint of task "line" is for the cause "mising", which its check never gives: name one of missing, not-loaded',
    ]);
    expect(hint('missing"}\n\n```conf on=master\nx = 1\n```\n')).toEqual([
      'the hint of task "line" for "missing" gives the answer away: leave its fence to a later hint, and say why and where',
    ]);
  });
  it('a hint for a cause does not count among the three general hints', () => {
    expect(edited(':::hint\nThe idea.', ':::hint{cause=missing}\nThe idea.').join()).toContain('has 2 of three hints');
  });
  it('a task must have three general hints for each reader', () => {
    expect(edited(':::hint\nThe line.\n:::\n', '')).toEqual([
      'task "line" has 2 of three hints (engine native, PostgreSQL 18, not root): add a :::hint, from the idea to the place to the exact line',
    ]);
    expect(edited(':::hint\nThe line.', ':::hint{docker}\nThe line.').join()).toContain(
      '2 of three hints (engine native, PostgreSQL 18, not root)',
    );
    expect(edited(':::hint\nThe line.', ':::hint{pg="15-"}\nThe line.').join()).toContain(
      '2 of three hints (engine native, PostgreSQL 14, not root)',
    );
    expect(edited(':::hint\nThe line.', ':::hint{not-root}\nThe line.').join()).toContain(
      '2 of three hints (engine native, PostgreSQL 18, root)',
    );
  });
  it('a task needs no hints for a reader whom it is not for', () => {
    const text = md.replace(':::hint\nThe line.', ':::hint{docker}\nThe line.');
    expect(
      lint({ text, facts: { tasks: [{ id: 'line', ...step, only: { engine: 'docker' } }, ...facts.tasks.slice(1)] } }),
    ).toEqual([]);
  });
});

describe('questions', () => {
  it('a question must name a task that shows what really happens', () => {
    expect(edited('{#who}', '{#who shows=line}')).toEqual([]);
    expect(edited('{#who}', '{#who shows=before/task}')).toEqual([]);
    expect(edited('{#who}', '{#who shows=guess}').join()).toContain(
      'question "who" is shown by "guess", which is no task',
    );
  });
  it('a question must have one right choice, at least two choices, and an explanation for each', () => {
    expect(edited('- [ ] slave', '- [x] slave')).toEqual([
      'question "who" has 2 right choices: mark exactly one with [x]',
    ]);
    expect(edited('- [x] master', '- [ ] master')).toEqual([
      'question "who" has 0 right choices: mark exactly one with [x]',
    ]);
    expect(edited('- [ ] slave\n\n  No.\n', '')).toEqual(['question "who" has 1 choice: give two at least']);
    expect(edited('\n  No.\n', '')).toEqual([
      'choice b of question "who" has no explanation: add an indented paragraph below it, after an empty line',
    ]);
  });
  it('a question must be listed by the answer task under whose heading it is', () => {
    expect(edited('{#who}', '{#whom}')).toEqual([
      'question "whom" is under "Guess", but task "guess" does not list it: add it to the questions of an answer task, under that task\'s heading',
      'task "guess" lists question "who", which is not under "Guess": write :::predict{#who} there',
    ]);
    const [line] = facts.tasks;
    expect(
      lint({ facts: { tasks: [...(line ? [line] : []), { id: 'guess', kind: 'answer', questions: [] }] } }).join(),
    ).toContain('answer task "guess" lists no question');
  });
  it('questions must have ids of their own', () => {
    expect(
      edited('The line.\n:::', 'The line.\n:::\n\n:::predict{#who}\nWho?\n\n- [x] a\n\n  b\n- [ ] c\n\n  d\n:::'),
    ).toContain('two questions are called "who": rename one');
  });
});

describe('mistakes', () => {
  it('mistakes must show every cause that is not excused', () => {
    expect(lint({ facts: { mistakes: [] } })).toEqual([
      'no mistake shows the cause "missing" of task "line": add one to mistakes, or say in excused why none can',
    ]);
    expect(lint({ facts: { excused: {} } })).toEqual([
      expect.stringContaining('no mistake shows the cause "not-loaded" of task "line"'),
    ]);
  });
  it('a cause must have a kind', () => {
    const check = Object.assign(() => ({ kind: 'pass', seen: '' }) as const, {
      causes: ['missing', 'not-loaded', 'of no kind'],
    });
    const tasks = facts.tasks.map((task) => (task.kind === 'answer' ? task : { ...task, check }));
    expect(lint({ facts: { tasks, excused: { 'not-loaded': 'x', 'of no kind': 'x' } } })).toContain(
      'the cause "of no kind" of task "line" has no kind: add it to src/check/cause-kinds.ts',
    );
  });
  it('an excuse must be needed', () => {
    expect(lint({ facts: { excused: { 'not-loaded': 'x', missing: 'x', other: 'x' } } })).toEqual([
      'excused names "other", which no check of this lesson gives: delete it',
      'excused names "missing", yet a mistake shows it: delete the excuse',
    ]);
  });
  it('a mistake must be caught by an existing task, with a cause that its check gives', () => {
    expect(lint({ facts: { mistakes: [...facts.mistakes, mistake('odd', 'oddly')] } })).toEqual([
      'mistake "odd" is to be caught with "oddly", which the check of task "line" never gives: name one of missing, not-loaded',
    ]);
    const lost = { ...mistake('lost', 'missing'), caught: { task: 'lin', cause: 'missing' } };
    expect(lint({ facts: { mistakes: [lost] } })).toEqual([
      'mistake "lost" is to be caught by task "lin", which does not exist: name one of line, guess',
    ]);
    const guessed = { ...mistake('guessed', ''), caught: { task: 'guess', cause: 'wrong-answer' } };
    expect(lint({ facts: { mistakes: [...facts.mistakes, guessed] } })).toEqual([]);
  });
  it('mistakes must have ids of their own', () => {
    expect(lint({ facts: { mistakes: [...facts.mistakes, ...facts.mistakes] } })).toEqual([
      'two mistakes are called "none": rename one',
    ]);
  });
  it('an alternative must be for a task with a check', () => {
    expect(lint({ facts: { alternatives: [{ id: 'other', task: 'guess', actions: [] }] } })).toEqual([
      expect.stringContaining('alternative "other" is for task "guess", which is no task with a check'),
    ]);
  });
});

it.each(['supersedes', 'disturbs'] as const)('%s must name tasks that exist', (field) => {
  expect(lint({ facts: { [field]: ['before/tusk'] } })).toEqual([
    `${field} names "before/tusk", which is no task: write "lesson-id/task-id" of an existing one`,
  ]);
});

describe('text', () => {
  it('a lesson must show only real log lines that a note explains', () => {
    expect(edited('started streaming', 'began to stream').join()).toMatch(
      /^lesson\.md:12: no note explains "LOG: {2}began to stream WAL.*add one to assets\/log-notes\//,
    );
    expect(edited('2026-11-23 14:02:11.123 UTC [7] LOG:  started', 'started').join()).toContain(
      'lesson.md:12: this is no line of a server\'s log: "started streaming',
    );
    expect(
      edited(
        '2026-11-23 14:02:11.123 UTC [7] LOG:  started streaming WAL from primary at 0/4000000 on timeline 1\n',
        '',
      ),
    ).toEqual(['a :::log of slave is empty: paste the lines of a real log']);
  });
  it('a lesson must use placeholders that have a value', () => {
    expect(edited('{{master.port}}', '{{master.prot}}').join()).toMatch(
      /^lesson\.md:3: no value for \{\{master\.prot\}\}: known are/,
    );
    expect(edited('{{master.port}}', '{{maste.port}}')).toEqual([
      expect.stringContaining('lesson.md:3: no server "maste"'),
    ]);
  });
  it('a lesson must have a diagram, of 60 columns at most', () => {
    expect(edited('```diagram', '```text')).toEqual(['there is no diagram: draw the idea in a ```diagram fence']);
    expect(edited('──►', '─'.repeat(60))).toEqual(['lesson.md:6: a diagram is 73 columns wide: draw it in 60 at most']);
  });
  it('a lesson must end with two sentences to remember', () => {
    expect(edited('- Two.\n', '')).toEqual([':::remember holds 1 sentences: write a list of exactly two, "- …" each']);
    expect(edited(':::remember\n- One.\n- Two.\n:::', '')).toEqual([
      expect.stringContaining(':::remember holds 0 sentences'),
    ]);
  });
  it.each(['../01-befor/lesson.md', '#guess', 'http://x.org', 'https://', 'lesson.ts'])(
    'a lesson must have no link to %s',
    (href) => {
      expect(edited('../01-before/lesson.md', href)).toEqual([
        `lesson.md:3: the link to "${href}" leads nowhere: write https://… or ../NN-lesson/lesson.md of an existing lesson`,
      ]);
    },
  );
  it('a section with commands for one engine must have some for the other', () => {
    const both = 'add a fence or a paragraph marked docker, or make the commands serve both';
    expect(edited('## Write', `${fence('native')}## Write`)).toEqual([
      `the intro has commands for one engine and no word for docker: ${both}`,
    ]);
    expect(edited('## Guess', `${fence('native')}## Guess`)).toEqual([
      `"Write the line" has commands for one engine and no word for docker: ${both}`,
    ]);
    expect(edited('The line.', `${fence('docker')}`)).toEqual([
      expect.stringContaining(
        'one of the hints of "Write the line" has commands for one engine and no word for native',
      ),
    ]);
    expect(edited('## Guess', `${fence('native') + fence('docker')}## Guess`)).toEqual([]);
  });
});

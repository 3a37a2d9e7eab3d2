import { describe, expect, it } from 'vitest';
import { parseLesson } from '../../src/lesson/format/markdown.ts';
import type { Block, Span } from '../../src/lesson/format/words.ts';

const parse = (...lines: readonly string[]) => parseLesson(['# Let it in', '', ...lines].join('\n'), 'lesson.md');
const task = (...lines: readonly string[]) => parse('## A task', '', ...lines).tasks[0];
const only = (lines: readonly Block[]) => lines.map((block) => ('only' in block ? block.only : undefined));
const say = (spans: readonly Span[]) => spans.map((span) => span.text).join('');

describe('the sections of a lesson', () => {
  it('a lesson has a title, an intro, a task for each second-level heading, a box, and what to remember', () => {
    const lesson = parse(
      'Why.',
      '',
      '## First `one`',
      '',
      'Do it.',
      '',
      '### More',
      '',
      '## Second',
      '',
      ':::own',
      '- c',
      ':::',
      '',
      ':::remember',
      '- a',
      '- b',
      ':::',
    );
    expect(lesson.title).toBe('Let it in');
    expect(lesson.intro).toEqual([{ kind: 'paragraph', spans: [{ text: 'Why.' }] }]);
    expect(lesson.tasks.map(({ title, blocks }) => [title, blocks.length])).toEqual([
      ['First one', 2],
      ['Second', 0],
    ]);
    expect(lesson.own).toMatchObject([{ kind: 'list', items: [[{}]] }]);
    expect(lesson.remember).toMatchObject([{ kind: 'list', items: [[{}], [{}]] }]);
  });

  it('a lesson may have Windows line ends', () => {
    expect(parseLesson('# T\r\n\r\n```bash\r\na\r\nb\r\n```\r\n', 'x').intro).toMatchObject([{ text: 'a\nb' }]);
  });
});

describe('text in a line', () => {
  it('text in a line keeps colons, tildes, addresses and placeholders as they are', () => {
    const text = 'At 14:02 postgres:alpine in ~/a and ~/b for me@example.org on {{master.port}}';
    expect(parse(text).intro).toMatchObject([{ kind: 'paragraph' }]);
    const [paragraph] = parse(text).intro;
    expect(paragraph?.kind === 'paragraph' && say(paragraph.spans)).toBe(text);
  });

  it('inline code may go on in the next line', () => {
    expect(parse('an `ALTER', 'SYSTEM` too').intro).toMatchObject([{ spans: [{}, { text: 'ALTER SYSTEM' }, {}] }]);
  });

  it('strong, emphasis, code, links and hard breaks are read, and a soft break is a space', () => {
    expect(parse('**a** *b* `c` [d](https://x.org)\\\ne\nf').intro).toEqual([
      {
        kind: 'paragraph',
        spans: [
          { text: 'a', style: 'strong' },
          { text: ' ' },
          { text: 'b', style: 'emphasis' },
          { text: ' ' },
          { text: 'c', style: 'code' },
          { text: ' ' },
          { text: 'd', style: 'link', href: 'https://x.org' },
          { text: '\n' },
          { text: 'e f' },
        ],
      },
    ]);
  });
});

describe('fences', () => {
  it('a fence says which readers it is for', () => {
    const fences = [
      'bash native',
      'bash docker pg=15-',
      'conf on=slave pg=-14',
      'conf pg=15-17 on=slave',
      'sql on=master pg=15 root',
      'sql on=master not-root',
      'text',
    ];
    expect(only(parse(...fences.flatMap((info) => [`\`\`\`${info}`, 'x', '```', ''])).intro)).toEqual([
      { engine: 'native' },
      { engine: 'docker', pg: [15, null] },
      { pg: [null, 14] },
      { pg: [15, 17] },
      { pg: [15, 15], root: true },
      { root: false },
      undefined,
    ]);
  });

  it.each(['bash', 'sql on=master', 'conf on=master', 'ini', 'log', 'text'])(
    'a %s fence is coloured without losing a character or splitting a placeholder',
    (lang) => {
      const text = [
        "SELECT '{{master.port}}' FROM t -- {{host}}",
        'port = {{slave.port}} # "it',
        'is" $HOME/{{master.data}}',
        '',
        'LOG:  at 0/3000060',
      ].join('\n');
      const [code] = parse(`\`\`\`${lang}`, text, '```').intro;
      if (code?.kind !== 'code') throw new Error('no code');
      expect(code.lines.map(say).join('\n')).toBe(text);
      const whole = code.lines.flat().filter((span) => span.text.includes('{{'));
      expect(whole.every((span) => /\{\{[a-z.]+\}\}/.test(span.text))).toBe(true);
      if (lang !== 'text') expect(code.lines.flat().some((span) => span.style !== undefined)).toBe(true);
    },
  );

  it('a fence names its server, where the language leaves that open', () => {
    const [sql, bash] = parse('```sql on=slave', 'x', '```', '', '```bash', 'x', '```').intro;
    expect([sql, bash].map((block) => block?.kind === 'code' && block.on)).toEqual(['slave', undefined]);
    expect(() => parse('```hba', 'x', '```')).toThrow('lesson.md:3: this hba fence does not name its server');
    expect(() => parse('```bash on=slave', 'x', '```')).toThrow('a bash fence belongs on no server');
  });

  it('a diagram is kept as it is', () => {
    expect(parse('```diagram', 'a ─► b', '```').intro).toEqual([{ kind: 'diagram', text: 'a ─► b' }]);
  });
});

describe('directives', () => {
  it('a hint says which readers it is for', () => {
    const hints = task(
      ':::hint',
      'One.',
      ':::',
      '',
      ':::hint{docker}',
      'Two.',
      ':::',
      '',
      ':::hint{native pg="15-"}',
      'Three.',
      ':::',
    )?.hints;
    expect(hints?.map((hint) => hint.only)).toEqual([
      undefined,
      { engine: 'docker' },
      { engine: 'native', pg: [15, null] },
    ]);
  });

  it(':::only says which readers its content is for, and blocks inside it may say more', () => {
    const blocks = parse(
      ':::only{docker}',
      'Words.',
      '',
      '- a list',
      '',
      '```bash pg=15-',
      'x',
      '```',
      ':::',
      '',
      'For all.',
    ).intro;
    expect(blocks.map(({ kind, only: whom }) => [kind, whom])).toEqual([
      ['paragraph', { engine: 'docker' }],
      ['list', { engine: 'docker' }],
      ['code', { engine: 'docker', pg: [15, null] }],
      ['paragraph', undefined],
    ]);
    expect(task(':::hint', 'Both.', ':::', '', ':::only{docker volume}', 'Here.', ':::')?.blocks).toMatchObject([
      { only: { engine: 'docker', storage: 'volume' } },
    ]);
  });

  it('a log is read from its fence, or from plain lines as they are', () => {
    const log = { kind: 'log', server: 'slave', only: { pg: [15, null] } };
    const line = 'LOG:  *a* _b_ "c"\n\tmore';
    expect(parse(':::log{server=slave pg="15-"}', '```log', line, '```', ':::').intro).toEqual([
      { ...log, text: line },
    ]);
    expect(parse(':::log{server=slave pg="15-"}', line, ':::').intro).toEqual([{ ...log, text: line }]);
  });

  it('a question has its choices in order, each with its explanation', () => {
    const question = task(
      ':::predict{#who}',
      'Who **writes**?',
      '',
      '- [x] master',
      '',
      '  > Right: it is the primary.',
      '- [ ] slave',
      '',
      '  It only reads.',
      '',
      '  ```bash',
      '  x',
      '  ```',
      '- [ ] both',
      ':::',
    )?.questions[0];
    expect(question?.id).toBe('who');
    expect(question?.ask).toHaveLength(1);
    expect(
      question?.choices.map(({ id, right, says, because }) => [
        id,
        right,
        say(says),
        because.map((block) => block.kind),
      ]),
    ).toEqual([
      ['a', true, 'master', ['paragraph']],
      ['b', false, 'slave', ['paragraph', 'code']],
      ['c', false, 'both', []],
    ]);
  });

  it('the measurements may be placed in two ways', () => {
    expect(parse('::measured', '', ':::measured', ':::').intro).toEqual([{ kind: 'measured' }, { kind: 'measured' }]);
  });
});

describe('mistakes of an author', () => {
  it.each([
    ['no title', 'Words first.', 'x.md:1: a lesson begins with its title'],
    ['a second title', '# A\n\n# B', 'x.md:3: this heading is in the wrong place'],
    ['an unknown language', '# A\n\n```python\n```', 'x.md:3: no colours for "python". Use one of bash, sql'],
    ['a fence for nobody', '# A\n\n```bash nativ\n```', 'x.md:3: "nativ" names no reader. Use native, docker'],
    ['a fence for two engines', '# A\n\n```bash native docker\n```', 'x.md:3: "native docker" names no reader'],
    ['a range of nothing', '# A\n\n```bash pg=-\n```', 'x.md:3: "pg=-" names no reader'],
    [
      'a placeholder in angle brackets',
      '# A\n\nhost=<host>',
      'x.md:3: lessons have no "html" in a line. Put it into `backticks`',
    ],
    ['a footnote', '# A\n\n[^1]: x', 'x.md:3: lessons have no "footnoteDefinition". Say it with'],
    [
      'a space before the brace',
      '# A\n\n## B\n:::hint {docker}\nx\n:::',
      'x.md:4: this looks like a directive, but is none. Write',
    ],
    [
      'an unclosed hint',
      '# A\n\n## B\n\n:::hint\nx\n\n## C',
      'x.md:5: ":::hint" is not closed. End it with a line ":::"',
    ],
    [
      'an unknown directive',
      '# A\n\n:::note\nx\n:::',
      'x.md:3: no directive "note" is allowed here. :::log, :::only and',
    ],
    ['an only for nobody', '# A\n\n:::only\nx\n:::', 'x.md:3: this :::only does not say for whom'],
    ['a hint in the intro', '# A\n\n:::hint\nx\n:::', 'x.md:3: no directive "hint" is allowed here'],
    [
      'a log of nobody',
      '# A\n\n:::log\nx\n:::',
      'x.md:3: this log does not name its server. Write ":::log{server=master}"',
    ],
    [
      'a question without id',
      '# A\n\n## B\n\n:::predict\nx\n:::',
      'x.md:5: this question has no id. Write ":::predict{#',
    ],
    [
      'a question without choices',
      '# A\n\n## B\n\n:::predict{#q}\nx\n:::',
      'x.md:5: question "q" does not end with its choices',
    ],
    [
      'a choice without a box',
      '# A\n\n## B\n\n:::predict{#q}\nx\n\n- [x] a\n- b\n:::',
      'x.md:9: a choice without its box. Begin it with',
    ],
    [
      'two lists to remember',
      '# A\n\n:::remember\n- a\n:::\n\n:::remember\n- a\n:::',
      'x.md:7: a second :::remember. Keep one',
    ],
  ])('the author is told about %s: file, line and remedy', (_, text, message) => {
    expect(() => parseLesson(text, 'x.md')).toThrow(message);
  });
});

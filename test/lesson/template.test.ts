import { expect, it } from 'vitest';
import { runs } from '../../src/check/server/running.ts';
import { lintLesson } from '../../src/lesson/authoring/lint.ts';
import { parseLesson } from '../../src/lesson/format/markdown.ts';
import { newLesson } from '../../src/lesson/format/template.ts';
import { defineLesson, type LessonFacts } from '../../src/lesson/lesson.ts';
import { plan } from './plan.ts';

it('a new lesson from the template has only findings about the mistakes that its author must add', () => {
  const { md, ts } = newLesson('wait-for-it', 'Wait for it');
  const body = ts.slice(ts.indexOf('export default ') + 'export default '.length).replace(/;\s*$/, '');
  const facts: LessonFacts = new Function('defineLesson', 'runs', `return ${body}`)(defineLesson, runs);
  const words = parseLesson(md, 'lesson.md');
  const folder = { name: '19-wait-for-it', files: ['lesson.md', 'lesson.ts'], text: md };
  const findings = lintLesson(folder, facts, words, {
    caught: new Set(),
    unproven: {},
    kindOf: () => 'slip',
    folders: [folder.name],
    tasks: [],
    notes: [],
    plan,
  });
  expect(findings.filter((finding) => !finding.startsWith('no mistake shows the cause'))).toEqual([]);
  expect(findings).not.toEqual([]);
  expect(words.title).toBe('Wait for it');
});

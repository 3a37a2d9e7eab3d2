/** Verdicts as a JUnit file, which CI systems read. A lesson is a test suite, a task a test case. */
import type { TaskState } from '../../learner/judge.ts';
import { maskText } from '../../postgres/mask/mask.ts';
import { visible } from '../../postgres/visible.ts';

export function junit(states: readonly TaskState[]): string {
  const lessons = [...new Set(states.map(({ lesson }) => lesson))];
  const suites = lessons.map((lesson) => {
    const own = states.filter((state) => state.lesson === lesson);
    const count = (kind: string) => own.filter(({ verdict }) => verdict.kind === kind).length;
    return [
      `  <testsuite name="${escaped(lesson.id)}" tests="${own.length}" failures="${count('fail')}" errors="${count('unknown')}" skipped="${count('blocked')}">`,
      ...own.map((state) => `    ${testcase(state)}`),
      '  </testsuite>',
    ].join('\n');
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('\n')}\n</testsuites>\n`;
}

/** True for a text that --junit may overwrite: a JUnit file of any program, or an empty file. */
export const isJunit = (text: string): boolean => /^\s*(<\?xml[^>]*>\s*)?(<testsuites?[\s>]|$)/.test(text);

function testcase({ lesson, task, words, verdict }: TaskState): string {
  const open = `<testcase classname="${escaped(lesson.id)}" name="${escaped(`${task.id}: ${words.title}`)}"`;
  switch (verdict.kind) {
    case 'pass':
      return `${open}/>`;
    case 'fail':
      return `${open}><failure type="${escaped(verdict.cause)}" message="${escaped(`${verdict.seen}; wanted: ${verdict.want}`)}"/></testcase>`;
    case 'unknown':
      return `${open}><error message="${escaped(verdict.problem.what)}"/></testcase>`;
    case 'blocked':
      return `${open}><skipped message="${escaped(`"${verdict.by}" comes first`)}"/></testcase>`;
  }
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => visible(maskText(text)).replace(/[&<>"]/g, (char) => entities[char] ?? char);

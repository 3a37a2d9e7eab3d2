/** The lint's rules about code blocks: each has a place where it belongs, and is code that this place accepts. */
import { parseConf } from '../../postgres/conf/conf.ts';
import { parseHba } from '../../postgres/hba/hba.ts';
import { codePlace } from '../format/code-place.ts';
import type { Block } from '../format/words.ts';
import { blocksOf, filledText, place } from './lint-words.ts';
import { joinNames, type Rule, say } from './rule.ts';

type CodeBlock = Extract<Block, { kind: 'code' }>;

const codeGoesToAServer: Rule = (subject) =>
  blocksOf(subject.words).flatMap((block) => {
    const names = subject.known.plan.servers.map(({ name }) => name);
    if (block.kind !== 'code' || block.on === undefined || names.includes(block.on)) return [];
    return [
      `${place(block.text, subject)} a ${block.lang} fence belongs on "${block.on}", which is no server: name one of ${joinNames(names)}`,
    ];
  });

const codeIsWhatItSays: Rule = (subject) =>
  blocksOf(subject.words).flatMap((block) => {
    if (block.kind !== 'code') return [];
    const problem = misfit(block, filledText(block.text, subject));
    return say(problem !== undefined, `${place(block.text, subject)} ${problem}`);
  });

/** Why the text does not fit the language of its fence: a key would send it to the wrong place. */
function misfit({ lang, on }: CodeBlock, text: string): string | undefined {
  const where = codePlace(lang, on);
  const other = whatIs(text);
  switch (where.to) {
    case 'shell':
      return other === null ? undefined : `a bash fence holds ${other}: give that a fence of its own`;
    case 'psql':
      return other === 'SQL' ? undefined : 'a sql fence holds no SQL: name the language that it is';
    case 'file': {
      const { errors } = lang === 'hba' ? parseHba(text) : parseConf(text, where.file);
      return errors.length > 0 || other === 'SQL' || other === null
        ? `a ${lang} fence holds a line that ${where.file} does not take: name the language that it is`
        : undefined;
    }
    case 'question':
    case 'reader':
      return undefined;
  }
}

/** Guesses the language by the lines without comments; null: a shell command. */
function whatIs(text: string): 'SQL' | 'a line of postgresql.conf' | 'a line of pg_hba.conf' | null {
  const lines = text.split('\n').filter((line) => !/^\s*(--|#|$)/.test(line));
  const some = (what: RegExp) => lines.some((line) => what.test(line));
  if (
    /^\s*(\\[a-z]|[A-Z]{3,}\s)/.test(lines[0] ?? '') ||
    some(/^(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|SHOW|SET|BEGIN|COMMIT)\b/)
  )
    return 'SQL';
  if (some(/^\s*[a-z_.]+\s+=|^\s*[a-z_.]+ '/)) return 'a line of postgresql.conf';
  return some(/^\s*(local|host\w*)\s+\S+\s+\S+\s+\S+/) ? 'a line of pg_hba.conf' : null;
}

export const codeRules: readonly Rule[] = [codeGoesToAServer, codeIsWhatItSays];

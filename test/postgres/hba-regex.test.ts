import { expect, test } from 'vitest';
import { regexFits, regexProblem } from '../../src/postgres/hba/regex.ts';

/** Recorded from PostgreSQL 18.4 with COLLATE "C"; 16 and 17 gave the same. */
test.each([
  ['***=s.ave', 's.ave', 'slave'],
  ['***:^s.ave$', 'slave', 's.ave1'],
  ['(?i)^slave$', 'SLAVE', 'ſlave'],
  ['(?i)[^a-m]', 'Z', 'B'],
  ['(?i)é', 'é', 'É'],
  ['(?x) s l # a comment\n ave', 'slave', 's l ave'],
  ['(?q)s(', 's(', 's'],
  ['^(?!slave)', 'master', 'slave'],
  ['(?<=s)l', 'slave', 'lead'],
  ['s(?#here)l', 'slave', 's'],
  ['\\x73\\u006c\\U00000061', 'slave', 'xsl'],
  ['\\141\\x0b?$', 'a', 'b'],
  ['[\\x41-\\x5a]', 'A', 'a'],
  ['^[\\D_]+$', 'a_b', 'a1'],
  ['^[[:alpha:]]+$', 'slave', 'é'],
  ['[[:<:]]s', 'a-s', 'as'],
  ['[[.hyphen.]]', 'a-b', 'ab'],
  ['^[[=a=][.b.]]+$', 'ab', 'abc'],
  ['^\\s$', '\t', '\u00a0'],
  ['a{2,}?$', 'aa', 'a'],
  ['(?n)^b', 'a\nb', 'ab'],
])('PostgreSQL matches %j with %j, and not with %j', (pattern, fitting, other) => {
  expect(regexProblem(pattern)).toBeUndefined();
  expect([regexFits(pattern, fitting), regexFits(pattern, other)]).toEqual([true, false]);
});

test.each([
  ['\\1', 'invalid backreference number'],
  ['(?:a)\\1', 'invalid backreference number'],
  ['(a\\1)', 'invalid backreference number'],
  ['(?=(a))\\1', 'invalid backreference number'],
  ['[[:]', 'brackets [] not balanced'],
  ['[[.foo.]]', 'invalid collating element'],
  ['[[:ALPHA:]]', 'invalid character class'],
  ['[a-\\d]', 'invalid character range'],
  ['(?z)a', 'invalid embedded option'],
  ['***a', 'quantifier operand invalid'],
  ['{1', 'quantifier operand invalid'],
  ['a{256', 'braces {} not balanced'],
  ['a{256}', 'invalid repetition count(s)'],
  ['(?=a)*', 'quantifier operand invalid'],
  ['\\u41', 'invalid escape \\ sequence'],
  ['\\81', 'invalid escape \\ sequence'],
])('PostgreSQL refuses the regular expression %j: %s', (pattern, problem) => {
  expect(regexProblem(pattern)).toBe(problem);
});

test.each(['(a)\\1', '(?e)a', '(?b)a\\{1\\}', '\ufffd('])('whether %j matches is not known here', (pattern) => {
  expect([regexProblem(pattern), regexFits(pattern, 'aa')]).toEqual([undefined, 'unknown']);
});

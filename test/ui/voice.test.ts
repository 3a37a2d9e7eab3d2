/** The ten rules of the voice (LESSONS.md), as far as a machine sees them, over what the program says. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { voiceBreaks } from '../../src/lesson/authoring/voice.ts';

/** Sentences that break a rule for a reason. At most a dozen. */
const excused: readonly string[] = [
  'socket hang up', // the words of Node.js
  'the first one answered', // a daemon, named just before
  'nobody is waited for', // kept in the journals of labs
  'asks nobody', // the name of a kind, never shown
  'What to remember from each lesson will appear here.', // an infinitive, no clause
];

/** Comments, and strings of all three kinds; in a template a value is one word. */
const token = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g;

const sentencesIn = (source: string): readonly string[] =>
  [...source.matchAll(token)]
    .map(([, single, double, template]) => single ?? double ?? template ?? '')
    .map((text) => text.replace(/\$\{[^}]*\}/g, 'X').replace(/\\(['"`])/g, '$1'))
    .filter((text) => /[a-z] [a-z]/i.test(text) && !/;\n/.test(text)); // code between two quotes of a pattern

describe('the voice', () => {
  it.for([
    ['Who does not stand on it does not come in.', 1],
    ['It is the one that waits.', 1],
    ['The reason stands in the line above.', 2],
    ['The newest lines always tell.', 3],
    ['It knocks at the door.', 4],
    ['Soon it will ask for its log.', 5],
    ['Start the second one.', 6],
    ['Not meant so? Then stop it.', 7],
    ['Somebody told it to rest.', 8],
    ['Look whether it is there.', 9],
    ['It takes PostgreSQL up to 13; until 12 it was a file.', 9],
    ['A commit waits since 14:02.', 10],
    ['The line belongs into the file.', 10],
  ] as const)('%s breaks rule %i', ([sentence, rule]) => {
    expect(voiceBreaks(sentence).map((one) => one.rule)).toContain(rule);
  });

  it('plain sentences, questions, titles and code break none', () => {
    for (const good of [
      'Who writes?',
      'What it costs',
      'A commit has been waiting since 14:02.',
      'Run `mend the door` first.',
      'The log says "somebody else".',
    ])
      expect(voiceBreaks(good)).toEqual([]);
  });

  // Verdicts are not in it yet.
  it('no sentence of the program breaks a rule', () => {
    const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .map((path) => join('src', path))
      .filter((path) => /\.tsx?$/.test(path) && !/^src\/(check|lesson\/authoring\/voice)/.test(path));
    const broken = files.flatMap((path) =>
      sentencesIn(readFileSync(path, 'utf8'))
        .filter((text) => !excused.some((one) => text.includes(one)))
        .flatMap((text) => voiceBreaks(text).map(({ rule, words }) => `${path}: rule ${rule}, "${words}": ${text}`)),
    );
    expect(broken).toEqual([]);
  });
});

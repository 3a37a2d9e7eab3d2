/**
 * Finds which of many patterns may match a text. Each pattern is filed under words that every matching text contains,
 * read from the pattern itself. A text is split into words once, and only patterns under one of its words are tried, so
 * that a line costs about the same with thirty notes as with a thousand.
 */

export type Index<T> = {
  /** The items that may match, in their original order. */
  readonly candidates: (text: string) => readonly T[];
  /** Items without such a word, which are tried on every text. */
  readonly always: readonly T[];
};

export function indexed<T>(all: readonly T[], patternOf: (one: T) => string): Index<T> {
  const choices = all.map((one) => choicesOf(patternOf(one)));
  const frequency = new Map<string, number>();
  for (const each of choices)
    for (const word of new Set(each.flat())) frequency.set(word, (frequency.get(word) ?? 0) + 1);
  const rarity = (words: readonly string[]) => Math.max(...words.map((word) => frequency.get(word) ?? 0));
  const byWord = new Map<string, number[]>();
  const always: number[] = [];
  choices.forEach((each, number) => {
    const best = leastBy(each, (words) => rarity(words) * 1000 + words.length * 100 - longest(words));
    if (!best) always.push(number);
    for (const word of new Set(best)) byWord.set(word, [...(byWord.get(word) ?? []), number]);
  });
  const find = finder(byWord);
  return {
    candidates(text) {
      const found = find(text);
      found.push(...always);
      if (found.length > 1) found.sort((a, b) => a - b);
      const picked: T[] = [];
      for (let at = 0; at < found.length; at++)
        if (at === 0 || found[at] !== found[at - 1]) picked.push(all[found[at] ?? 0] as T);
      return picked;
    },
    always: always.map((number) => all[number] as T),
  };
}

function leastBy<T>(all: readonly T[], measure: (one: T) => number): T | undefined {
  let best: T | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const one of all) {
    const size = measure(one);
    if (size >= least) continue;
    least = size;
    best = one;
  }
  return best;
}

const longest = (words: readonly string[]): number => Math.min(...words.map(({ length }) => length));
const maxScan = 6000; // characters; a statement may have a megabyte, and the words that matter come before this

const isWord = new Uint8Array(128);
for (let code = 0; code < 128; code++) isWord[code] = /\w/.test(String.fromCharCode(code)) ? 1 : 0;

/** A hash of first character, last character and length rejects nearly all words that are not filed. */
const shape = (first: number, last: number, length: number): number =>
  ((first & 31) << 10) | ((last & 31) << 5) | Math.min(length, 31);

function finder(byWord: ReadonlyMap<string, readonly number[]>): (text: string) => number[] {
  const shapes = new Uint8Array(1 << 15);
  for (const word of byWord.keys())
    shapes[shape(word.charCodeAt(0), word.charCodeAt(word.length - 1), word.length)] = 1;
  return (text) => {
    const found: number[] = [];
    const end = Math.min(text.length, maxScan);
    let from = -1;
    for (let at = 0; at <= end; at++) {
      const code = at < end ? text.charCodeAt(at) : 32;
      if (code < 128 && isWord[code] === 1) {
        if (from < 0) from = at;
      } else if (from >= 0) {
        if (at - from > 2 && shapes[shape(text.charCodeAt(from), text.charCodeAt(at - 1), at - from)] === 1)
          for (const number of byWord.get(text.slice(from, at)) ?? []) found.push(number);
        from = -1;
      }
    }
    return found;
  };
}

/** Each choice is a set of words of which every matching text contains at least one. Empty: no word is certain. */
function choicesOf(pattern: string): Choices {
  const state = { pattern, at: 0 };
  return choicesIn(alternatives(state), true, true);
}

type Choices = readonly (readonly string[])[];
/** `text`: the literal characters and gaps of a branch. `inner`: choices of its groups. */
type Branch = { readonly text: string; readonly inner: Choices };
type Reading = { readonly pattern: string; at: number };

/** `left`, `right`: no word continues beyond that end of the branches. */
function choicesIn(branches: readonly Branch[], left: boolean, right: boolean): Choices {
  const each = branches.map(({ text, inner }) => [...wordsIn(text, left, right), ...inner]);
  if (each.length === 1) return each[0] ?? [];
  const best = each.map((choices) => leastBy(choices, (words) => -longest(words)));
  return best.every((words) => words !== undefined) ? [best.flat()] : [];
}

const gap = '\ue000'; // anything that is not one certain character

const wordEnd = /[\w\ue000]/;

/** Words between characters of other kinds. A word beside a gap is left out, because it may continue there. */
function wordsIn(text: string, left: boolean, right: boolean): Choices {
  const padded = (left ? ' ' : gap) + text + (right ? ' ' : gap);
  return [...padded.matchAll(/(?<![\w\ue000])[A-Za-z]\w{2,}(?![\w\ue000])/g)].map(([word]) => [word]);
}

function alternatives(state: Reading, left = true): Branch[] {
  const branches = [branch(state, left)];
  while (state.pattern[state.at] === '|') {
    state.at++;
    branches.push(branch(state, left));
  }
  return branches;
}

function branch(state: Reading, left: boolean): Branch {
  const { pattern } = state;
  const inner: (readonly string[])[] = [];
  let text = '';
  while (state.at < pattern.length && pattern[state.at] !== '|' && pattern[state.at] !== ')') {
    const run = literals(pattern, state.at);
    if (run !== '') {
      state.at += run.length;
      text += run;
      continue;
    }
    const ends = text === '' ? left : !wordEnd.test(text.slice(-1));
    const { literal, choices } = atom(state, ends);
    const times = timesAt(pattern, state.at);
    state.at += times.length;
    text += times === '' ? literal : gap;
    if (times === '' || times.startsWith('+')) inner.push(...choices);
  }
  return { text, inner };
}

const literal = /[\w "'/;:,<>=@-]+/y;

/** The literal characters from `at` on, without the last one when a quantifier follows it. */
function literals(pattern: string, at: number): string {
  literal.lastIndex = at;
  const run = literal.exec(pattern)?.[0] ?? '';
  return '*+?{'.includes(pattern[at + run.length] ?? ' ') ? run.slice(0, -1) : run;
}

/** The quantifier at this position, or ''. Most characters have none, so that is decided first. */
function timesAt(pattern: string, at: number): string {
  if (!'*+?{'.includes(pattern[at] ?? ' ')) return '';
  return /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/.exec(pattern.slice(at, at + 12))?.[0] ?? '';
}

type Atom = { readonly literal: string; readonly choices: Choices };
const nothing: Choices = [];

function atom(state: Reading, left: boolean): Atom {
  const { pattern } = state;
  const char = pattern[state.at++] ?? '';
  if (char === '(') return group(state, left);
  if (char === '[') {
    while (pattern[state.at] !== ']') state.at += pattern[state.at] === '\\' ? 2 : 1;
    state.at++;
    return { literal: gap, choices: nothing };
  }
  if (char === '.') return { literal: gap, choices: nothing };
  if (char === '^' || char === '$') return { literal: ' ', choices: nothing };
  if (char !== '\\') return { literal: char, choices: nothing };
  const escaped = pattern[state.at++] ?? '';
  if ('bsn'.includes(escaped)) return { literal: ' ', choices: nothing };
  return { literal: /\w/.test(escaped) ? gap : escaped, choices: nothing };
}

function group(state: Reading, left: boolean): Atom {
  const { pattern } = state;
  const opening = /^\?(?:<[A-Za-z]\w*>|:|<?[=!])/.exec(pattern.slice(state.at, state.at + 40))?.[0] ?? '';
  state.at += opening.length;
  const branches = alternatives(state, left);
  state.at++;
  if (opening.endsWith('!')) return { literal: '', choices: nothing };
  if (opening.endsWith('=')) return { literal: gap, choices: nothing };
  const right = /^(?:$|[ ":;,'$]|\\[.()])/.test(pattern.slice(state.at, state.at + 2));
  return { literal: gap, choices: choicesIn(branches, left, right) };
}

/** What Tab may complete in our small psql: which kind of name is wanted where the cursor stands. Pure. */

export type Source =
  | 'keywords'
  | 'tables'
  | 'columns'
  | 'functions'
  | 'databases'
  | 'roles'
  | 'settings'
  | 'commands'
  | 'files';

/** `word`: what is typed of it. `tables`: those that the statement names, for their columns. */
export type CompletionRequest = {
  readonly word: string;
  readonly of: readonly Source[];
  readonly tables: readonly string[];
};

/**
 * `pending`: the lines of this statement before this one. `line`: up to the cursor. Inside a quote nothing is wanted.
 */
export function wanted(pending: string, line: string): CompletionRequest {
  const slash = /(?:^|\s)\\(\S*)$/.exec(line);
  if (slash) return { word: `\\${slash[1]}`, of: ['commands'], tables: [] };
  const call = /(?:^|\s)\\(\w+)\+?\s+(?:[^\\]*\s)?(\S*)$/.exec(line);
  if (call) return { word: call[2] ?? '', of: ofCommand(call[1] ?? '', line), tables: [] };
  const text = `${pending}\n${line}`.replace(/--.*$/gm, '');
  if ((text.match(/'/g)?.length ?? 0) % 2 === 1) return { word: '', of: [], tables: [] };
  const word = /[\w$.]*$/.exec(text)?.[0] ?? '';
  const before = (
    text
      .slice(0, text.length - word.length)
      .split(';')
      .at(-1) ?? ''
  ).toUpperCase();
  const last = before.match(/[\w.]+|[^\s\w]/g) ?? [];
  return { word, of: word === '' && last.length === 0 ? [] : ofStatement(last), tables: tablesIn(text) };
}

function ofCommand(name: string, line: string): readonly Source[] {
  const argument = line.trimStart().split(/\s+/).length - 2; // from 0
  if (name === 'i') return ['files'];
  if (name === 'c' || name === 'connect') return argument === 0 ? ['databases'] : argument === 1 ? ['roles'] : [];
  if (name === 'l') return ['databases'];
  if (name === 'du' || name === 'dg') return ['roles'];
  return /^d[tivms]?$/.test(name) ? ['tables'] : [];
}

const afterWord: readonly (readonly [RegExp, readonly Source[]])[] = [
  [/(^| )(ALTER SYSTEM|ALTER (ROLE|USER|DATABASE) \S+) (SET|RESET)$/, ['settings']],
  [
    /(^| )(SET|RESET) ROLE$|(^| )(OWNER TO|(ALTER|DROP|CREATE) (ROLE|USER|GROUP)|(GRANT|REVOKE) .* (TO|FROM))$/,
    ['roles'],
  ],
  [/^(SHOW|SET|RESET)( LOCAL| SESSION)?$/, ['settings']],
  [/(^| )DATABASE$/, ['databases']],
  [/(^| )(FROM|JOIN|INTO|UPDATE|TABLE|TRUNCATE|ANALYZE|VACUUM|ONLY|COPY)$/, ['tables']],
  [/(^| )INTO \S+ \(( \S+ ,)*$/, ['columns']],
];

function ofStatement(last: readonly string[]): readonly Source[] {
  const found = afterWord.find(([where]) => where.test(last.join(' ')));
  if (found) return found[1];
  return last.length === 0 ? ['keywords'] : ['keywords', 'columns', 'functions'];
}

const tablesIn = (text: string): readonly string[] =>
  [...text.matchAll(/\b(?:from|join|into|update)\s+([a-z_][\w$.]*)/gi)].map(([, name = '']) => name);

/** Those that begin with what is typed, in its own letters: a keyword is capital unless it is begun small. */
export function fitting(word: string, names: readonly string[], source: Source): readonly string[] {
  if (source !== 'keywords') return names.filter((name) => name.startsWith(word));
  const begins = names.filter((name) => name.startsWith(word.toUpperCase()));
  return /[a-z]/.test(word) ? begins.map((name) => name.toLowerCase()) : begins;
}

export const keywords: readonly string[] =
  'ALTER ANALYZE AND AS ASC BEGIN BETWEEN BY CASCADE CASE CHECK CHECKPOINT COLUMN COMMIT CONSTRAINT COPY CREATE DATABASE DEFAULT DELETE DESC DISTINCT DROP ELSE END EXISTS EXPLAIN EXTENSION FALSE FOREIGN FROM FUNCTION GENERATED GRANT GROUP HAVING IDENTITY IF IN INDEX INSERT INTO IS JOIN KEY LEFT LIKE LIMIT LOGIN NOT NULL OFFSET ON OR ORDER OWNER PASSWORD PRIMARY REFERENCES REPLICATION RESET RETURNING REVOKE ROLE ROLLBACK SCHEMA SELECT SEQUENCE SET SHOW SUPERUSER SYSTEM TABLE THEN TO TRUE TRUNCATE UNION UNIQUE UNLOGGED UPDATE USER USING VACUUM VALUES VIEW WHEN WHERE WITH'.split(
    ' ',
  );

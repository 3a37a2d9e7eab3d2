/** Determines what Tab completes in our small psql: the kinds of names that fit at the cursor. Pure. */
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

/**
 * `word`: the part of the name before the cursor. `tables`: the tables that the statement names, whose columns may be
 * completed.
 */
export type CompletionRequest = {
  readonly word: string;
  readonly of: readonly Source[];
  readonly tables: readonly string[];
};

/**
 * `pending`: the earlier lines of this statement. `line`: this line up to the cursor. Inside a quote nothing is
 * completed.
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
  const words = before.match(/[\w.]+|[^\s\w]/g) ?? [];
  return { word, of: word === '' && words.length === 0 ? [] : ofStatement(words), tables: tablesIn(text) };
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

function ofStatement(words: readonly string[]): readonly Source[] {
  const found = afterWord.find(([where]) => where.test(words.join(' ')));
  if (found) return found[1];
  return words.length === 0 ? ['keywords'] : ['keywords', 'columns', 'functions'];
}

const tablesIn = (text: string): readonly string[] =>
  [...text.matchAll(/\b(?:from|join|into|update)\s+([a-z_][\w$.]*)/gi)].map(([, name = '']) => name);

/** Returns the names that begin with the word. Keywords are in capitals, unless the word contains a small letter. */
export function fitting(word: string, names: readonly string[], source: Source): readonly string[] {
  if (source !== 'keywords') return names.filter((name) => name.startsWith(word));
  const matching = names.filter((name) => name.startsWith(word.toUpperCase()));
  return /[a-z]/.test(word) ? matching.map((name) => name.toLowerCase()) : matching;
}

export const keywords: readonly string[] =
  'ALTER ANALYZE AND AS ASC BEGIN BETWEEN BY CASCADE CASE CHECK CHECKPOINT COLUMN COMMIT CONSTRAINT COPY CREATE DATABASE DEFAULT DELETE DESC DISTINCT DROP ELSE END EXISTS EXPLAIN EXTENSION FALSE FOREIGN FROM FUNCTION GENERATED GRANT GROUP HAVING IDENTITY IF IN INDEX INSERT INTO IS JOIN KEY LEFT LIKE LIMIT LOGIN NOT NULL OFFSET ON OR ORDER OWNER PASSWORD PRIMARY REFERENCES REPLICATION RESET RETURNING REVOKE ROLE ROLLBACK SCHEMA SELECT SEQUENCE SET SHOW SUPERUSER SYSTEM TABLE THEN TO TRUE TRUNCATE UNION UNIQUE UNLOGGED UPDATE USER USING VACUUM VALUES VIEW WHEN WHERE WITH'.split(
    ' ',
  );

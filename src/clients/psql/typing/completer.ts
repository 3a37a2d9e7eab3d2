/** Completion by Tab in our small psql: names from the server's catalogs, and files of this machine. */

import { readdir } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { quoteLiteral } from '../../../postgres/quote.ts';
import { askCatalog, CatalogError, type Shell } from '../shell.ts';
import { commandNames } from '../slash.ts';
import { fitting, keywords, type Source, wanted } from './complete.ts';

/**
 * The interface of node:readline: resolves with the completions, and with the word before the cursor that they replace.
 */
export type Complete = (line: string) => Promise<[string[], string]>;

/**
 * Names of the server are not completed while a statement runs, or in a failed transaction: the server would not
 * answer.
 */
export const completer =
  (shell: Shell, pending: () => string): Complete =>
  async (line) => {
    const { word, of, tables } = wanted(pending(), line);
    const found: string[] = [];
    // One after the other: a session runs one statement at a time.
    for (const source of of) found.push(...fitting(word, await names(source, word, tables, shell), source));
    const all = [...new Set(found)].toSorted();
    const only = all.length === 1 ? all[0] : undefined;
    return [only === undefined || only.endsWith(sep) || only.endsWith('(') ? all : [`${only} `], word];
  };

async function names(
  source: Source,
  word: string,
  tables: readonly string[],
  shell: Shell,
): Promise<readonly string[]> {
  switch (source) {
    case 'keywords':
      return keywords;
    case 'commands':
      return commandNames;
    case 'files':
      return files(word);
    default: {
      const { session } = shell;
      if (!session || shell.interrupt || session.transaction() === 'failed') return [];
      try {
        const { rows } = await askCatalog(session, questions[source](word, tables));
        return rows.map(([name]) => name ?? '');
      } catch (error) {
        if (error instanceof CatalogError) return []; // the next statement shows the error
        throw error;
      }
    }
  }
}

const startsWith = (name: string, word: string): string => `pg_catalog.starts_with(${name}, ${quoteLiteral(word)})`;
const most = 500;

const questions: Record<
  Exclude<Source, 'keywords' | 'commands' | 'files'>,
  (word: string, tables: readonly string[]) => string
> = {
  /** Tables of pg_catalog are completed only for a word that begins with "pg". */
  tables: (word) => `SELECT DISTINCT name FROM (
      SELECT pg_catalog.quote_ident(relname) AS name, relnamespace FROM pg_catalog.pg_class
        WHERE relkind IN ('r', 'v', 'm', 'f', 'p') AND pg_catalog.pg_table_is_visible(oid)
    ) AS relations
    WHERE ${startsWith('name', word)} AND (relnamespace <> 'pg_catalog'::regnamespace OR ${quoteLiteral(word)} LIKE 'pg%') ORDER BY 1 LIMIT ${most}`,
  columns: (word, tables) => `SELECT DISTINCT pg_catalog.quote_ident(attname) FROM pg_catalog.pg_attribute
    WHERE attrelid = ANY (ARRAY[${tables.map((name) => `pg_catalog.to_regclass(${quoteLiteral(name)})`).join(', ')}]::regclass[])
      AND attnum > 0 AND NOT attisdropped AND ${startsWith('attname', word)} ORDER BY 1 LIMIT ${most}`,
  functions: (word) => `SELECT DISTINCT proname || '(' FROM pg_catalog.pg_proc
    WHERE ${quoteLiteral(word)} LIKE 'pg\\_%' AND ${startsWith('proname', word)} ORDER BY 1 LIMIT ${most}`,
  databases: (word) =>
    `SELECT pg_catalog.quote_ident(datname) FROM pg_catalog.pg_database WHERE ${startsWith('datname', word)} ORDER BY 1 LIMIT ${most}`,
  roles: (word) =>
    `SELECT pg_catalog.quote_ident(rolname) FROM pg_catalog.pg_roles WHERE ${startsWith('rolname', word)} ORDER BY 1 LIMIT ${most}`,
  settings: (word) =>
    `SELECT name FROM pg_catalog.pg_settings WHERE ${startsWith('name', word.toLowerCase())} ORDER BY 1 LIMIT ${most}`,
};

/** Returns the files whose folder the word names. A folder ends with a slash, so that completion goes on inside it. */
async function files(word: string): Promise<readonly string[]> {
  const folder = word.endsWith(sep) ? word : dirname(word);
  const lead = word.endsWith(sep) ? word : word.includes(sep) ? word.slice(0, word.length - basename(word).length) : '';
  const found = await readdir(folder, { withFileTypes: true }).catch(() => []); // no such folder
  return found.map((entry) => `${lead === '' ? '' : join(lead, sep)}${entry.name}${entry.isDirectory() ? sep : ''}`);
}

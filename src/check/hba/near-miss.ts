/** The line of pg_hba.conf that nearly fits the client, and the column that does not fit. */
import type { HbaFile } from '../../lab/observation.ts';
import { type HbaRule, matchRule } from '../../postgres/hba/hba.ts';
import { type Failure, fail } from '../verdicts.ts';
import { inFile } from '../view.ts';
import type { HbaClient } from './client.ts';
import { fileOf } from './lines.ts';

export const nearMissCauses = [
  'columns-swapped',
  'all-does-not-cover-replication',
  'replication-quoted',
  'database-differs',
  'user-differs',
  'ipv6-only',
  'address-differs',
  'local-only',
  'ssl-only',
] as const;
type NearCause = (typeof nearMissCauses)[number];
type Column = 'database' | 'user' | 'address' | 'type';

export type NearMiss = {
  /** The number of columns that do not fit. */
  readonly missed: number;
  readonly failure: (server: string, hba: HbaFile, want: string) => Failure<NearCause>;
};

/** The closest line; of equally close ones the last. A line with three wrong columns was meant for another purpose. */
export function nearMiss(rules: readonly HbaRule[], client: HbaClient): NearMiss | undefined {
  const [best] = rules
    .map((rule, index) => ({ rule, index, missed: misses(rule, client) }))
    .filter(({ missed }) => missed.length > 0 && missed.length < 3)
    .sort((a, b) => a.missed.length - b.missed.length || b.index - a.index);
  const first = best?.missed[0];
  if (!best || !first) return undefined;
  const { rule } = best;
  const { cause, why } = columnWords[first](rule, client);
  return {
    missed: best.missed.length,
    failure: (server, hba, want) =>
      fail(cause, {
        seen: `line ${rule.line} does not fit: ${rule.text.trim()}`,
        want,
        why,
        at: inFile(server, fileOf(hba, rule), rule.line),
        next: [{ do: 'edit', on: server, ...lineFor(rule, hba, client), text: client.line }],
      }),
  };
}

/** The line is corrected where it is meant for this client alone; a line that serves others stays. */
const lineFor = (rule: HbaRule, hba: HbaFile, { user }: HbaClient) =>
  [...rule.databases, ...rule.users].some(({ word: text }) => text === 'replication' || text === user)
    ? { file: fileOf(hba, rule), line: rule.line }
    : ({ file: hba.path, line: 'new' } as const);

/**
 * Tests each column in a line that is right otherwise, because `matchRule` stops at the first column that does not fit.
 */
export function misses(rule: HbaRule, client: HbaClient): readonly Column[] {
  const right: HbaRule = {
    ...rule,
    type: 'host',
    databases: [word('replication')],
    users: [word(client.user)],
    address: 'all',
    mask: null,
  };
  const alone: Readonly<Record<Column, HbaRule>> = {
    database: { ...right, databases: rule.databases },
    user: { ...right, users: rule.users },
    address: { ...right, address: rule.address ?? 'all', mask: rule.mask },
    type: { ...right, type: rule.type },
  };
  return columns.filter((column) => matchRule(alone[column], client.connection) !== 'match');
}

const columns: readonly Column[] = ['database', 'user', 'type', 'address'];
const word = (text: string) => ({ word: text, quoted: false });
const list = (words: HbaRule['users']): string => words.map(({ word: text }) => text).join(',');

const columnWords: Readonly<Record<Column, (rule: HbaRule, client: HbaClient) => { cause: NearCause; why: string }>> = {
  database: (rule, { user }) => {
    const { databases, users } = rule;
    if (databases.some(({ word: text }) => text === user) && users.some(({ word: text }) => text === 'replication')) {
      return {
        cause: 'columns-swapped',
        why: `the columns are: type, database, user. Here ${user} is the database and replication the user`,
      };
    }
    if (databases.some(({ word: text, quoted }) => text === 'replication' && quoted)) {
      return {
        cause: 'replication-quoted',
        why: 'in double quotes it is a database of that name; without them it is the word for replication',
      };
    }
    if (databases.some(({ word: text, quoted }) => text === 'all' && !quoted)) {
      return {
        cause: 'all-does-not-cover-replication',
        why: 'in the database column, all means every database; the log is no database, so replication has to be named',
      };
    }
    return {
      cause: 'database-differs',
      why: `the database is ${list(databases)}; a standby asks for no database, but for replication`,
    };
  },
  user: ({ users }, client) => ({
    cause: 'user-differs',
    why: `the user is ${list(users)}; the standby comes as ${client.user}`,
  }),
  type: ({ type }) =>
    type === 'local'
      ? { cause: 'local-only', why: 'local is for Unix sockets; the standby comes over TCP, which is host' }
      : { cause: 'ssl-only', why: `${type} fits only encrypted connections, and this one is not; host fits both` },
  address: ({ address }, { from, own }) =>
    address?.includes(':')
      ? { cause: 'ipv6-only', why: `${address} is an address of IPv6; the standby comes from ${from}` }
      : {
          cause: 'address-differs',
          why: `the address is ${address}; the standby comes from ${from}${own && isOwn.test(address ?? '') ? `. Inside the container of ${own}, ${address} is ${own} itself` : ''}`,
        },
};

const isOwn = /^(127\.|localhost$|samehost$)/;

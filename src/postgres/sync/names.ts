/**
 * synchronous_standby_names. Source: documentation, "synchronous_standby_names" (runtime-config-replication); the
 * grammar is that of syncrep_gram.y.
 */
export type SyncNames = { readonly method: 'first' | 'any'; readonly count: number; readonly names: readonly string[] };
/** PostgreSQL's DETAIL, such as 'syntax error at or near "s1"'. `near` is absent at the end of the input. */
export type SyncNamesError = { readonly message: string; readonly near?: string };

/** null for '': commits wait for no standby. Names are compared by `sameName`; * matches all, also in double quotes. */
export function parseSyncNames(text: string): SyncNames | SyncNamesError | null {
  if (text === '') return null;
  const tokens = [...text.matchAll(tokenPattern)].map(([raw]) => toToken(raw)).filter((token) => token !== undefined);
  let at = 0;
  const next = (...kinds: readonly TokenKind[]): Token => {
    const token = tokens[at] ?? { kind: 'end', text: '', raw: '' };
    if (!kinds.includes(token.kind)) throw new Unexpected(token);
    at += 1;
    return token;
  };
  const list = (close: TokenKind): string[] => {
    const names = [next('name', 'number').text];
    while (next(',', close).kind === ',') names.push(next('name', 'number').text);
    return names;
  };
  try {
    const keyword = tokens[0]?.kind === 'first' || tokens[0]?.kind === 'any' ? next('first', 'any').kind : undefined;
    // "2 (s1, s2)" has a count; "2, s1" and "2" name a standby "2".
    const counted = keyword !== undefined || (tokens[0]?.kind === 'number' && tokens[1]?.kind === '(');
    if (!counted) return { method: 'first', count: 1, names: list('end') };
    const count = atoi(next('number').text);
    next('(');
    const names = list(')');
    next('end');
    if (count < 1) return { message: `number of synchronous standbys (${count}) must be greater than zero` };
    return { method: keyword === 'any' ? 'any' : 'first', count, names };
  } catch (error) {
    if (error instanceof Unexpected) return describe(error.token);
    throw error;
  }
}

/**
 * The priority of a standby (1 is first); 0: not listed. With ANY all listed ones have 1, as in pg_stat_replication.
 */
export function syncPriority(names: SyncNames, applicationName: string): number {
  const place = names.names.findIndex((name) => name === '*' || sameName(name, applicationName)) + 1;
  return names.method === 'any' ? Math.min(place, 1) : place;
}

/** Folds only A to Z, as pg_strcasecmp does in UTF-8. */
const sameName = (one: string, other: string): boolean => folded(one) === folded(other);
const folded = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** Like C's atoi: a number that does not fit into 32 bits wraps around. */
const atoi = (digits: string): number => {
  const longest = 2n ** 63n - 1n;
  const long = BigInt(digits);
  return Number(BigInt.asIntN(32, long > longest ? longest : long));
};

type TokenKind = 'first' | 'any' | 'name' | 'number' | '(' | ')' | ',' | 'junk' | 'open quote' | 'end';
type Token = { readonly kind: TokenKind; readonly text: string; readonly raw: string };

class Unexpected extends Error {
  readonly token: Token;

  constructor(token: Token) {
    super(describe(token).message);
    this.token = token;
  }
}

function describe({ kind, raw }: Token): SyncNamesError {
  if (kind === 'open quote') return { message: 'unterminated quoted identifier at end of input' };
  if (kind === 'end') return { message: 'syntax error at end of input' };
  return { message: `syntax error at or near "${raw}"`, near: raw };
}

const tokenPattern = /[ \t\n\r\f\v]+|"(?:[^"]|"")*"?|[A-Za-z_\u0080-\uffff][A-Za-z_0-9$\u0080-\uffff]*|\d+|[\s\S]/g;

function toToken(raw: string): Token | undefined {
  if (/^[ \t\n\r\f\v]/.test(raw)) return undefined;
  if (raw.startsWith('"')) return quotedToken(raw);
  const lower = raw.toLowerCase();
  if (lower === 'first' || lower === 'any') return { kind: lower, text: raw, raw };
  if (raw === '(' || raw === ')' || raw === ',') return { kind: raw, text: raw, raw };
  if (/^\d/.test(raw)) return { kind: 'number', text: raw, raw };
  return { kind: /^[A-Za-z_*\u0080-\uffff]/.test(raw) ? 'name' : 'junk', text: raw, raw };
}

function quotedToken(raw: string): Token {
  const closed = /^"(?:[^"]|"")*"$/.test(raw);
  // PostgreSQL reads a quoted name in pieces, and shows only the last one, the closing quote.
  return {
    kind: closed ? 'name' : 'open quote',
    text: raw.slice(1, -1).replaceAll('""', '"'),
    raw: closed ? '"' : raw,
  };
}

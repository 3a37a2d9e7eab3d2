/** Colours the code of a lesson at build time: text → lines of styled spans. */
import ini from 'highlight.js/lib/languages/ini';
import pgsql from 'highlight.js/lib/languages/pgsql';
import { createLowlight } from 'lowlight';
import type { Span, SpanStyle } from './words.ts';

export type Highlight = (text: string, lang: string) => readonly (readonly Span[])[];

/** The language of a fence → its grammar; null: no colours. */
export const languages = {
  bash: 'shell',
  sql: 'pgsql',
  conf: 'ini',
  ini: 'ini',
  hba: 'hba',
  log: 'log',
  text: null,
} as const;
export type Language = keyof typeof languages;

export const isLanguage = (lang: string): lang is Language => Object.hasOwn(languages, lang);

/** Loads the grammars once. The returned function colours any number of texts. */
export function highlighter(): Highlight {
  const lowlight = createLowlight({ pgsql, ini, shell: shellGrammar, hba: hbaGrammar, log: logGrammar });
  return (text, lang) => {
    const grammar = isLanguage(lang) ? languages[lang] : null;
    if (!grammar) return text.split('\n').map((line) => spanOf(line));
    const kept = keepPlaceholders(text);
    const spans = flatten(lowlight.highlight(grammar, kept.text).children as readonly Node[]);
    return linesOf(spans.map((span) => ({ ...span, text: kept.restore(span.text) })));
  };
}

/**
 * A placeholder that is split over two spans could not be filled, so one private-use character replaces it meanwhile.
 */
function keepPlaceholders(text: string): { text: string; restore: (text: string) => string } {
  const found: string[] = [];
  const short = text.replace(/\{\{[^{}]*\}\}/g, (whole) => String.fromCharCode(0xe000 + found.push(whole) - 1));
  return {
    text: short,
    restore: (part) => part.replace(/[\ue000-\uf8ff]/g, (char) => found[char.charCodeAt(0) - 0xe000] ?? char),
  };
}

type Node = {
  readonly type: string;
  readonly value?: string;
  readonly properties?: { readonly className?: unknown };
  readonly children?: readonly Node[];
};

function flatten(nodes: readonly Node[], style?: SpanStyle): readonly Span[] {
  return nodes.flatMap((node) =>
    node.type === 'text' ? spanOf(node.value ?? '', style) : flatten(node.children ?? [], styleOf(node) ?? style),
  );
}

const spanOf = (text: string, style?: SpanStyle): readonly Span[] =>
  text === '' ? [] : [style ? { text, style } : { text }];

function styleOf(node: Node): SpanStyle | undefined {
  const [first] = [node.properties?.className].flat();
  return typeof first === 'string' ? styles[first.replace('hljs-', '')] : undefined;
}

const styles: Readonly<Record<string, SpanStyle>> = {
  keyword: 'keyword',
  built_in: 'keyword',
  literal: 'keyword',
  type: 'keyword',
  section: 'keyword',
  string: 'string',
  comment: 'comment',
  number: 'number',
  attr: 'name',
  variable: 'name',
  title: 'name',
};

function linesOf(spans: readonly Span[]): readonly (readonly Span[])[] {
  const lines: Span[][] = [[]];
  for (const span of spans) {
    for (const [index, text] of span.text.split('\n').entries()) {
      if (index > 0) lines.push([]);
      const line = lines.at(-1);
      const last = line?.at(-1);
      if (last && last.style === span.style) line?.splice(-1, 1, { ...last, text: last.text + text });
      else if (text !== '') line?.push({ ...span, text });
    }
  }
  return lines;
}

const comment = { scope: 'comment', begin: /(?:^|(?<=\s))#/, end: /$/ };

/**
 * Command lines. The grammar of highlight.js colours the shell's keywords, and no command, option or variable of ours.
 */
const shellGrammar = () => ({
  contains: [
    comment,
    { scope: 'string', begin: /"/, end: /"/, contains: [{ match: /\\./ }] },
    { scope: 'string', begin: /'/, end: /'/ },
    { scope: 'variable', match: /\b[A-Z_]{2,}(?==)|\$\w+/ },
    { scope: 'keyword', match: /(?<=(?:^|[|;&(])\s?(?:[A-Z_]{2,}=\S*\s+)*)[a-z][\w-]*(?=\s|$)/ },
    { scope: 'attr', match: /(?<=\s)--?[a-zA-Z][\w-]*/ },
  ],
});

/** A line of pg_hba.conf: type, database, user, address, method. */
const hbaGrammar = () => ({
  contains: [
    comment,
    { scope: 'string', match: /"[^"\n]*"/ },
    { scope: 'keyword', match: /^\s*(?:local|host(?:no)?(?:ssl|gssenc)|host)(?=\s)/ },
    { scope: 'attr', match: /\b(?:replication|all|sameuser|samerole|samehost|samenet)(?=[\s,]|$)/ },
    { scope: 'keyword', match: /\b(?:scram-sha-256|md5|password|trust|reject|peer|ident|cert)(?=\s|$)/ },
    { scope: 'number', match: /(?<=\s)[\da-f.:]*[.:][\da-f.:]*(?:\/\d+)?(?=\s|$)/ },
  ],
});

/** PostgreSQL's log: time and process, levels, LSNs, quoted names. */
const logGrammar = () => ({
  contains: [
    { scope: 'comment', match: /^\d{4}-\d\d-\d\d [\d:.]+ \w+ \[\d+\]/ },
    { scope: 'keyword', match: /\b(?:LOG|WARNING|ERROR|FATAL|PANIC|DETAIL|HINT|CONTEXT|STATEMENT|NOTICE|INFO):/ },
    { scope: 'string', match: /"[^"\n]*"/ },
    { scope: 'number', match: /\b[0-9A-F]+\/[0-9A-F]+\b/ },
  ],
});

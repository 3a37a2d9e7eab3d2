/** Where a code block belongs: typed into the lab's shell, sent by psql to a server, written into a file of a server, or only read. */
import type { Language } from './highlight.ts';

export type CodePlace =
  | { readonly to: 'shell' }
  | { readonly to: 'psql'; readonly server: string }
  | { readonly to: 'file'; readonly server: string; readonly file: string; readonly line?: number } // file: in the data directory, or as observations name it
  | { readonly to: 'question' } // of the current task
  | { readonly to: 'reader' };

/** A text with the place where it belongs. */
export type Code = { readonly text: string; readonly place: CodePlace };

const places = {
  bash: 'shell',
  sql: 'psql',
  conf: 'postgresql.conf',
  hba: 'pg_hba.conf',
  ini: 'reader',
  log: 'reader',
  text: 'reader',
} as const satisfies Record<Language, string>;

const placeOf = (lang: string) => (Object.hasOwn(places, lang) ? places[lang as Language] : 'reader');

/** Must a fence of this language name its server, as `on=master`? */
export const needsServer = (lang: string): boolean => !['shell', 'reader'].includes(placeOf(lang));

export function codePlace(lang: string, on = ''): CodePlace {
  const place = placeOf(lang);
  switch (place) {
    case 'shell':
    case 'reader':
      return { to: place };
    case 'psql':
      return { to: 'psql', server: on };
    case 'postgresql.conf':
    case 'pg_hba.conf':
      return { to: 'file', server: on, file: place };
  }
}

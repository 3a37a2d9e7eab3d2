/** Where code belongs: in the lab's shell, in psql on a server, in a file of a server, or nowhere (it is only read). */
import type { Language } from './highlight.ts';

export type CodePlace =
  | { readonly to: 'shell' }
  | { readonly to: 'psql'; readonly server: string }
  // file: relative to the data directory, or as an observation names it
  | { readonly to: 'file'; readonly server: string; readonly file: string; readonly line?: number }
  // The question of the current task
  | { readonly to: 'question' }
  | { readonly to: 'reader' };

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

/** Whether a fence of this language must name its server (`on=master`). */
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

/** Quotes for a POSIX shell, as short as they can be. Source: POSIX, "Shell Command Language", Quoting. */

/** One word of a command line. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** The same in double quotes, which read better around SQL; not where a "!" would recall the shell's history. */
export const shellString = (text: string): string =>
  text.includes('!') ? shellWord(text) : `"${text.replace(/[\\"$`]/g, '\\$&')}"`;

/** The width of texts whose signs take one column each: nearly all that is drawn. */

/** Undefined: a sign of this text may be wider, or may join its neighbours; string-width knows. Colours count nothing. */
export function narrowColumns(text: string): number | undefined {
  const plain = text.includes('\u001b') ? text.replace(colours, '') : text;
  return narrow.test(plain) ? plain.length : undefined;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape of colours is one
const colours = /\u001b\[[\d;]*m/g;
/** Latin, punctuation, arrows, box drawing, marks. */
const narrow = /^[\x20-\x7e\xa0-\xac\xae-\u02ff\u2010-\u2027\u2190-\u21ff\u2500-\u25c5\u25cb-\u25cf\u2713-\u2718]*$/;

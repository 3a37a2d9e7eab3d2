/** Measures text whose characters take one column each. Nearly all drawn text is of this kind. */

/**
 * Returns the width in columns, or undefined when a character may be wider or may combine with its neighbours:
 * string-width has to measure that text. Escape sequences of colours have no width.
 */
export function narrowColumns(text: string): number | undefined {
  const plain = text.includes('\u001b') ? text.replace(colours, '') : text;
  return narrow.test(plain) ? plain.length : undefined;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences of colours begin with one
const colours = /\u001b\[[\d;]*m/g;
/** Latin, punctuation, arrows, box drawing, and the check marks. */
const narrow = /^[\x20-\x7e\xa0-\xac\xae-\u02ff\u2010-\u2027\u2190-\u21ff\u2500-\u25c5\u25cb-\u25cf\u2713-\u2718]*$/;

/** Quotes names and strings for SQL. Source: documentation, "Lexical Structure". */

export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Adds quotes only where the name would be another one without them. */
export const quoteName = (name: string): string =>
  /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;

/** A string constant; `standard_conforming_strings` must be on, as it is by default. */
export const quoteLiteral = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Quotes names for SQL. Source: documentation, "Identifiers and Key Words". */

export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Adds quotes only where the name would be another one without them. */
export const quoteName = (name: string): string =>
  /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;

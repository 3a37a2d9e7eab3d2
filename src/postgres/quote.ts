/** Names as SQL wants them. Source: documentation, "Identifiers and Key Words". */

export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** With quotes only where it is another name without them. */
export const quoteName = (name: string): string =>
  /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;

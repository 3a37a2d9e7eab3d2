/**
 * Timelines and their history files. Source: documentation, "Timelines" (continuous-archiving); timeline.c writes them.
 */

/** A timeline branched off another: at a promotion, or at the end of a recovery to a point in time. */
export type Branch = {
  readonly timeline: number;
  readonly from: number;
  readonly at: string; // LSN up to which both are the same
  readonly why: string; // PostgreSQL's reason: 'no recovery target specified'
};

/** '00000002.history' tells from which timelines timeline 2 branched off. */
export const historyFile = (timeline: number): string =>
  `${timeline.toString(16).toUpperCase().padStart(8, '0')}.history`;

/** Each line names a timeline and the LSN at which the next line's timeline, or the file's own, left it. */
export function parseHistory(text: string, timeline: number): readonly Branch[] {
  const ancestors = text.split('\n').flatMap((line) => {
    const [, from, at = '', why = ''] = /^\s*(\d+)\s+([0-9A-Fa-f]+\/[0-9A-Fa-f]+)\s*(.*)$/.exec(line) ?? [];
    return from === undefined ? [] : [{ from: Number(from), at, why }];
  });
  return ancestors.map((one, place) => ({ timeline: ancestors[place + 1]?.from ?? timeline, ...one }));
}

/** Timelines and their history files. Source: documentation, "Timelines" (continuous-archiving); the file is written by timeline.c. */

/** One timeline came out of another: at a promotion, or at the end of a recovery to a point in time. */
export type Branch = {
  readonly timeline: number;
  readonly from: number;
  readonly at: string; // LSN up to which both are the same
  readonly why: string; // PostgreSQL's words: 'no recovery target specified'
};

/** '00000002.history', which tells how timeline 2 came to be. */
export const historyFile = (timeline: number): string =>
  `${timeline.toString(16).toUpperCase().padStart(8, '0')}.history`;

/** Each line of the file names a timeline and where it was left, for the one in the next line; the last, for the timeline of the file. */
export function parseHistory(text: string, timeline: number): readonly Branch[] {
  const left = text.split('\n').flatMap((line) => {
    const [, from, at = '', why = ''] = /^\s*(\d+)\s+([0-9A-Fa-f]+\/[0-9A-Fa-f]+)\s*(.*)$/.exec(line) ?? [];
    return from === undefined ? [] : [{ from: Number(from), at, why }];
  });
  return left.map((one, place) => ({ timeline: left[place + 1]?.from ?? timeline, ...one }));
}

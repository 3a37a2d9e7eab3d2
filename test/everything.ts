/**
 * `REPL_WORKSHOP_TEST=all` (.ci/run sets it) also runs what takes minutes: campaigns, each for a share of time. Larger ones run by a flag of their own,
 * which their files name. Without it such a test is skipped with this reason.
 */
export const everything = process.env.REPL_WORKSHOP_TEST === 'all';
export const leftOut = 'runs with REPL_WORKSHOP_TEST=all';

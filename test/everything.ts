/**
 * `REPL_WORKSHOP_TEST=all` (.ci/run sets it) also runs the tests that take minutes, each with a limit of time.
 * Without it they are skipped with the reason `leftOut`. Even longer tests have a flag of their own, which their
 * files name.
 */
export const everything = process.env.REPL_WORKSHOP_TEST === 'all';
export const leftOut = 'runs with REPL_WORKSHOP_TEST=all';

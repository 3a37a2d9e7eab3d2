/**
 * `REPL_WORKSHOP_TEST=all` (.ci/run sets it) also runs the other majors, Docker, other versions of Node.js, and long
 * campaigns (campaign.ts). Without it they are skipped with this reason.
 */
export const everything = process.env.REPL_WORKSHOP_TEST === 'all';
export const leftOut = 'runs with REPL_WORKSHOP_TEST=all';

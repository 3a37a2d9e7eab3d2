/** The words of the map and of the slow commit. */
import type { Station } from '../session/commit.ts';

const and = new Intl.ListFormat('en', { type: 'conjunction' });

export const mapMessages = {
  title: 'Map',
  looking: 'Looking at the servers …',
  primary: 'primary',
  standby: 'standby',
  alone: 'standby, not connected',
  unasked: 'up, cannot be asked',
  timeline: (timeline: number) => `timeline ${timeline}`,
  cluster: (identifier: string) => `cluster …${identifier.slice(-4)}`,
  replayPaused: 'replay is paused',
  fromItself: 'receives from itself',
  unknown: 'somebody else',
  notConnected: 'not connected',
  says: (status: string) => `it says: ${status}`,
  sync: (state: string, priority: number) => (priority > 0 && state !== 'quorum' ? `${state} ${priority}` : state),
  from: (server: string) => `from ${server}`,
  bars: { sent: 'sent', write: 'written', flush: 'flushed', replay: 'replayed' },
  lag: 'behind',
  later: 'later',
  most: (amount: string) => `most ${amount}`,
  paused: 'paused',
  chart: {
    bytes: (server: string) => `${server}: log not replayed yet`,
    time: (server: string) => `${server}: time until replayed`,
  },
  legend: (span: string) => `A whole bar is the newest ${span} of the log; what is empty is not there yet.`,
  nothing: 'nothing flows between them',
  waiting: (count: number) => (count === 1 ? '1 commit waits' : `${count} commits wait`),

  slots: 'Replication slots',
  slotUsed: (by: string) => `used by ${by}`,
  slotUnused: 'nobody uses it',
  slotTemporary: 'temporary',
  slotKeeps: (amount: string) => `keeps ${amount}`,
  slotEmpty: 'keeps nothing yet',
  slotLost: 'lost: what it kept is gone',
  timelines: 'Timelines',
  branchedOff: (at: string, why: string) => `from ${at} on${why ? `: ${why}` : ''}`,
  commits: 'Commits that wait',
  since: (time: string, age: string) => `since ${time}, ${age}`,

  noServer: 'No server of this lab runs.',
  noPrimary: 'No primary runs: nobody can write.',
  returnsBy: {
    level: (primary: string, level: string) =>
      `A commit on ${primary} waits for no standby: synchronous_commit is ${level}.`,
    names: (primary: string) => `A commit on ${primary} waits for no standby: synchronous_standby_names is empty.`,
  },
  waitsFor: (primary: string, names: readonly string[], count: number, position: 'write' | 'flush' | 'replay') => {
    const whom = count < names.length ? `${count} of ${and.format(names)}` : and.format(names);
    return `A commit on ${primary} waits until ${whom} ${count > 1 ? 'have' : 'has'} ${done[position]} it.`;
  },
  stuck: (primary: string, names: string, missing: number) =>
    `A commit on ${primary} does not return: synchronous_standby_names asks for ${names}, and ${missing === 1 ? 'one standby is' : `${missing} standbys are`} missing.`,
  badNames: (problem: string) => `synchronous_standby_names cannot be read: ${problem}.`,
  waitNow: (count: number) => (count === 1 ? 'One waits now.' : `${count} wait now.`),
  pausedOn: (server: string) => `Replay is paused on ${server}: it receives the log, and its readers see old rows.`,
  wants: (standby: string, primary: string) => `${standby} would like to follow ${primary}, and is not connected.`,
  strangers: 'Two primaries, and two clusters: no row goes from one to the other.',
  apart: 'Two primaries of what was one cluster: their rows go apart.',

  commit: 'One commit, slowly',
  level: 'synchronous_commit',
  near: 'your medians, near',
  far: 'your medians, far',
  client: 'client',
  asks: 'asks for COMMIT',
  waits: 'waits',
  waitsOn: 'waits on',
  committed: 'has its COMMIT',
  nobody: 'no standby',
  aStandby: 'a standby',
  commitHere: '▲ COMMIT',
  stations: {
    inserted: 'inserted',
    kept: 'flushed',
    sent: 'sent',
    written: 'written',
    flushed: 'flushed',
    replayed: 'replayed',
  } satisfies Record<Station, string>,
  story: {
    asked: (primary) => ({
      says: `The client has sent COMMIT to ${primary}.`,
      dies: 'the row is gone, and the client knows that it has no answer.',
    }),
    inserted: (primary) => ({
      says: `Its record stands in the WAL buffers of ${primary}: in memory, not on disk.`,
      dies: 'the row is gone.',
    }),
    kept: (primary, standby) => ({
      says: `${primary} has flushed its log: the record is on its disk. Only now may it be sent.`,
      dies: `the row comes back when ${primary} does; ${standby} does not have it.`,
    }),
    sent: (primary, standby) => ({
      says: `The walsender of ${primary} has given it to the network.`,
      dies: `the row comes back when ${primary} does; whether ${standby} has got it, nobody knows.`,
    }),
    written: (_, standby) => ({
      says: `The walreceiver of ${standby} has written it: its operating system has it, its disk perhaps not.`,
      dies: `${standby} has the row, unless its machine fails in the same moment.`,
    }),
    flushed: (_, standby) => ({
      says: `${standby} has flushed it to its disk.`,
      dies: `${standby} has the row, whatever happens; its readers do not see it yet.`,
    }),
    replayed: (_, standby) => ({
      says: `${standby} has replayed it: who reads there sees the row.`,
      dies: `${standby} has the row, and shows it.`,
    }),
  } satisfies Record<Station | 'asked', (primary: string, standby: string) => { says: string; dies: string }>,
  ifItDies: (primary: string) => `If ${primary} dies now:`,
  toldAllTheSame: 'The client was told COMMIT all the same.',
  freedHere: 'Here the client gets its COMMIT.',
  ends: {
    'no standby': (primary) => `Here it ends: nobody receives the log of ${primary}.`,
    'not streaming': (_, standby) => `Here it ends for now: ${standby} is connected, and does not stream yet.`,
    paused: (_, standby) => `Here it ends for now: replay is paused on ${standby}.`,
  } satisfies Record<string, (primary: string, standby: string) => string>,
  stuckClient:
    'The client waits, until a standby that synchronous_standby_names asks for has come, or the names are changed.',
  waitingClient: 'The client waits until it goes on.',
} as const;

const done = { write: 'written', flush: 'flushed', replay: 'replayed' };

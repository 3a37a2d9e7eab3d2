/** The texts of the interface in one table. Lessons, verdicts and log notes have their own texts. */
import type { ProcessState } from '../lab/observation.ts';
import type { EngineId } from '../lab/plan/plan.ts';
import type { Problem } from '../lab/problem.ts';
import type { Background, GlyphChoice, ThemeChoice } from '../learner/settings.ts';
import type { ComparedWith } from '../learner/states.ts';
import type { CodePlace } from '../lesson/format/code-place.ts';
import type { NoteSeverity } from '../postgres/log/notes.ts';
import type { Pane } from '../session/intent.ts';
import type { LogFilter } from '../session/log/filter.ts';
import type { Notice } from '../session/notice.ts';
import type { Preference } from '../session/overlays/preferences.ts';
import type { Confirmation, Operation } from '../session/session.ts';
import type { Station } from '../session/view/commit.ts';

/** Not Intl.ListFormat, which would load half a megabyte of language data at the start. */
const and = (names: readonly string[]): string =>
  names.length < 3 ? names.join(' and ') : `${names.slice(0, -1).join(', ')}, and ${names.at(-1)}`;

const done = { write: 'written', flush: 'flushed', replay: 'replayed' };

export const messages = {
  program: 'repl-workshop',
  enlarge: (columns: number, rows: number) => `Please enlarge the window: at least 30x8 (now ${columns}x${rows}).`,
  onlyLooking: 'only looking',
  panes: { words: 'Lesson', tasks: 'Tasks', servers: 'Servers', terminal: 'Terminal' } satisfies Record<Pane, string>,
  progress: (done: number, all: number) => `${done} of ${all}`,
  complete: 'All done.',
  goesOn: 'n goes on to the next lesson.',
  goesOnToEnd: 'n shows what you have learnt.',
  onYourOwn: 'On your own servers',
  remember: 'Remember',
  question: 'Question:',
  looking: 'Looking at the servers …',
  operation: {
    solve: 'The workshop does this task. A moment …',
    reset: 'Putting the servers back. A moment …',
    undo: 'Bringing back the earlier state. A moment …',
    redo: 'Bringing back the later state. A moment …',
    measure: 'Measuring. A moment …',
  } satisfies Record<Operation['do'], string>,
  elsewhere: 'A command in another terminal is working on this lab …',
  work: {
    solve: 'The workshop does it for you',
    reset: 'Back to the start of this lesson',
    undo: 'One step back',
    redo: 'One step forward',
    measure: 'What a commit costs',
    steps: (done: number, all: number) => `${done} of ${all}`,
    stop: {
      solve: 'Press Esc to stop: everything goes back to how it was.',
      reset: 'Press Esc to stop: everything goes back to how it was.',
      undo: 'It takes a moment, and cannot be stopped halfway.',
      redo: 'It takes a moment, and cannot be stopped halfway.',
      measure: 'Esc stops it: nothing of it is kept.',
    },
    stopping: 'Stopping. Everything goes back to how it was …',
  },

  state: {
    pass: 'done',
    assisted: 'done, with help',
    fail: 'not yet',
    unknown: 'could not look',
    blocked: 'later',
    broken: 'broken again',
  },
  label: {
    seen: 'seen',
    want: 'want',
    why: 'why',
    where: 'where',
    next: 'next',
    or: 'or',
    also: 'also',
    note: 'note',
    fix: 'fix',
    layers: 'state',
  },
  folded: 'Enter shows the steps, h a hint',
  notEnough: 'You have done what this verdict named, and that was not enough: it is the same as before.',
  beginAgain: 'r goes back to the start of this lesson. It shows its plan first, and asks.',
  layer: { true: '✔', false: '✖', unknown: '?' },
  layerSays: { true: 'as it should be', false: 'not as it should be', unknown: 'not known', stops: 'here it stops' },
  blocked: (title: string) => `“${title}” comes first`,
  times: (count: number) => (count > 1 ? `${count}× ` : ''),
  brokenPrerequisites: (number: number, title: string, more: number) =>
    `Lesson ${number}, “${title}”, is broken again${more > 0 ? ` (and ${more} more)` : ''}:`,

  brokenFile: 'A file that was saved would stop its server at the next start:',

  server: {
    absent: 'not made yet',
    created: 'made, never started',
    starting: 'starting',
    up: 'up',
    hung: 'does not answer',
    paused: 'paused',
    restarting: 'restarting',
    stopped: 'stopped',
    failed: 'failed',
  } satisfies Record<ProcessState, string>,
  role: { primary: 'primary', standby: 'standby' },
  timeline: (timeline: number) => `timeline ${timeline}`,
  follows: (status: string) => `standby, ${status}`,
  nobody: 'no standby is connected',
  alone: 'not connected',
  sender: (name: string, state: string, sync: string) => `${name}: ${state}, ${sync}`,
  waiting: (count: number) => (count === 1 ? 'one commit waits for a standby' : `${count} commits wait for a standby`),
  replayPaused: 'replay is paused',

  outcome: {
    said: { true: 'Right. You said:', false: 'Not quite. You said:' },
    happened: 'It happened:',
  },
  reading: {
    question: (place: number, all: number) => (all > 1 ? `Question ${place} of ${all}` : 'Question'),
    goesTo: (place: CodePlace): string => {
      switch (place.to) {
        case 'shell':
          return 'for the shell';
        case 'psql':
          return `for psql on ${place.server}`;
        case 'file':
          return `for ${messages.terminal.edit(place.file, place.server)}`;
        case 'question':
        case 'reader':
          return 'to read';
      }
    },
    opensQuestion: 'Enter opens the question',
    found: (place: number, all: number) => `${place} of ${all}`,
    notFound: 'not in this lesson',
  },

  log: (server: string) => `Log of ${server}`,
  otherLog: '← →',
  logEmpty: 'No important lines since it started.',
  logAbsent: 'This server has no log yet.',
  logReading: 'Reading the log …',
  logNothing: 'This log is empty.',

  terminal: {
    shell: 'shell in your lab',
    psql: (server: string) => `psql on ${server}`,
    edit: (file: string, server: string) => (file.includes('/') ? file : `${file} of ${server}`),
    enter: 't types here, z zooms',
    back: (rows: number) => `↑ ${rows} lines back`,
    ended: (program: 'shell' | 'psql' | 'edit') =>
      `The ${{ shell: 'shell', psql: 'psql', edit: 'editor' }[program]} was ended from outside (killed).`,
    none: 'This machine cannot show a terminal beside the lesson. Press t to use the whole screen instead.',
  },

  logView: {
    title: (names: readonly string[]) => `Log of ${names.length > 2 ? 'all servers' : names.join(' and ')}`,
    filter: {
      all: () => 'everything',
      trouble: () => 'trouble only',
      start: () => 'since the last start',
      task: (since: string) => `this task, since ${since}`,
    } satisfies Record<LogFilter, (since: string) => string>,
    far: (number: number, all: number) => `${number}/${all}`,
    reading: 'reading …',
    searching: 'searching …',
    hits: (text: string, hit: number, count: number) =>
      `${text}: ${count === 0 ? 'not found' : hit > 0 ? `hit ${hit} of ${count}` : count === 1 ? '1 hit' : `${count} hits`}`,
    fresh: (count: number) => `${count} new ${count === 1 ? 'line' : 'lines'} ↓`,
    older: (count: number, server: string, file: string) =>
      `${count.toLocaleString('en')} older lines of ${server} are not shown${file ? `: ${file} has them` : ''}.`,
    absent: (names: readonly string[]) => `${names.join(' and ')}: no log yet`,
    silent: (server: string) => `No lines of ${server} here.`,
    noneSuch: 'No such lines. f goes on to the next filter.',
    closed: { trouble: '+\u00a0trouble', normal: '+', good: '+\u00a0good' } satisfies Record<NoteSeverity, string>,
    cut: (count: number) => `… (${count.toLocaleString('en')} more characters)`,
    cause: 'Cause:',
    next: 'Next:',
    lesson: 'Lesson',
    notAStandby: (server: string, primary: string) =>
      `Open for writing: ${server} is a copy of ${primary} and was started without standby.signal. It is not a standby, and each write here makes it differ from ${primary}.`,
    storyTitle: 'What most likely happened',
    noStory: 'Nothing has happened yet.',
    moreCauses: (count: number) => `and ${count} more kinds of trouble`,
    times: (count: number) => (count === 1 ? 'once' : `${count} times`),
    line: (line: number) => `line ${line}`,
    noEnd: ' · no end seen',
    over: (when: string) => ` · over ${when.startsWith('line') ? 'on' : 'at'} ${when}`,
    keys: {
      note: 'note',
      allNotes: 'all notes',
      server: 'server',
      filter: 'filter',
      search: 'search',
      story: 'story',
      follow: 'follow',
      hits: 'next, previous',
      records: 'back to the log',
      keep: 'keep',
      clear: 'clear',
      go: 'go to its line',
    },
  },

  hint: {
    number: (level: number, all: number) => `Hint ${level} of ${all}`,
    look: 'Look here:',
    stops: (layer: string) => `Everything is right up to “${layer}”: that is where it stops.`,
    more: 'h shows one more.',
    news: 'h shows a hint for this mistake.',
    solves: 'That was the last hint. h once more shows how the workshop would do it.',
    wasLast: 'That was the last hint.',
    moreThere: (level: number) => `More: repl-workshop hint --level ${level}`,
    solvesThere: 'That was the last hint. The workshop can do the task for you: repl-workshop solve',
  },

  spoken: {
    lesson: (number: number, all: number, title: string) => `Lesson ${number} of ${all}: ${title}`,
    task: (number: number, all: number, title: string, how: string) => `Task ${number} of ${all}: ${title}: ${how}`,
    keys: (keys: string) => `Keys: ${keys}`,
    back: 'Back in the lesson.',
    chosen: 'chosen: ',
    glyphs: { '✔': 'yes:', '✖': 'no:', '↑': 'up ', '↓': 'down ', '←': 'left ', '→': 'right ' } as Readonly<
      Record<string, string>
    >,
  },

  welcome: {
    title: 'PostgreSQL streaming replication, on real servers',
    takes: 'takes the writes',
    replays: 'replays each write',
    flows: 'write-ahead log',
    what: 'You build this yourself, step by step: a server, a copy of it, and the connection between them. The workshop looks at your files and servers, and shows what is right, what is not right yet, and why.',
    machine: (engine: EngineId, folder: string, ports: readonly number[]) =>
      `It uses ${folder || 'one folder'} and runs ${engine === 'docker' ? 'two containers' : 'two PostgreSQL servers of its own'} on ports ${ports.join(' and ')}. Nothing else on this machine is changed, and nothing is sent anywhere.`,
    short: (engine: EngineId, folder: string) =>
      `You build this yourself, with real ${engine === 'docker' ? 'containers' : 'servers'} in ${folder || 'one folder'}. The workshop shows what is right, and why.`,
    keys: [
      ['Space', 'shows the next page; ↑ ↓ move line by line'],
      ['Tab', 'moves from the lesson to its tasks and to your servers'],
      ['t', 'opens a terminal in your lab, where you type commands'],
      ['h', 'gives a hint, one more with each press'],
      ['?', 'shows all keys'],
    ] as readonly (readonly [string, string])[],
  },

  settings: {
    title: 'Settings',
    kept: 'Changes apply at once, and are kept in your lab folder.',
    names: {
      theme: 'Colours',
      glyphs: 'Symbols',
      mouse: 'Mouse',
      motion: 'Motion',
      left: 'Lesson width',
    } satisfies Record<Preference, string>,
    values: {
      theme: { auto: 'auto', dark: 'dark', light: 'light', contrast: 'high contrast' } satisfies Record<
        ThemeChoice,
        string
      >,
      glyphs: { auto: 'auto', unicode: '✔ ✖ ─', ascii: 'ASCII only' } satisfies Record<GlyphChoice, string>,
      mouse: { true: 'on', false: 'off' },
      motion: { true: 'on', false: 'off' },
      left: (percent: number | null) => (percent === null ? 'automatic' : `${percent} %`),
    },
    about: {
      auto: (background: Background) => `Follows your terminal's background, which seems to be ${background}.`,
      theme: 'Colours for this background. NO_COLOR or --no-color turns colours off.',
      glyphs: 'Auto: follows the locale. The meaning is always given in words, too.',
      mouse: 'The wheel scrolls, and a click does what a key does. To select text, hold Shift, or turn this off.',
      motion: 'Off: nothing on the screen moves by itself.',
      left: 'How much of a wide screen the lesson takes; below 100 columns it takes all of it.',
    } satisfies Record<Preference, string> & { auto: unknown },
  },

  end: {
    title: 'What you have learnt',
    summary: (
      tasks: { done: number; assisted: number; all: number },
      opened: string | null,
      finished: string | null,
    ) => {
      const help = tasks.assisted > 0 ? `, ${tasks.assisted} of them with help` : '';
      const when = [opened ? `Started ${opened}` : '', finished ? `finished ${finished}` : '']
        .filter(Boolean)
        .join(', ');
      return `${tasks.done} of ${tasks.all} tasks done${help}.${when ? ` ${when}.` : ''}`;
    },
    nothingYet: 'No lesson is finished yet. What to remember from each lesson will appear here.',
    remember: 'To remember',
    measured: 'What a commit cost on your servers',
    further: 'To read next',
    chapters: [
      [
        'High availability, load balancing and replication',
        'https://www.postgresql.org/docs/current/high-availability.html',
      ],
      ['Reliability and the write-ahead log', 'https://www.postgresql.org/docs/current/wal.html'],
      [
        'Continuous archiving and point-in-time recovery',
        'https://www.postgresql.org/docs/current/continuous-archiving.html',
      ],
      ['Logical replication', 'https://www.postgresql.org/docs/current/logical-replication.html'],
    ] as readonly (readonly [string, string])[],
  },

  lessons: 'Lessons',
  lesson: { done: 'done', assisted: 'done, with help', begun: 'started', fresh: '' },
  lessonsDone: (done: number, all: number, minutes: number) =>
    `${done} of ${all} tasks done${minutes > 0 ? `, about ${minutes} minutes left` : ''}`,
  minutesLeft: (minutes: number) => `about ${minutes} min left`,
  youAreHere: 'you are here',
  minutes: (minutes: number) => `${minutes} min`,
  more: ' ↓ more ',
  moreTasks: ' Tab: all of it ',
  help: 'Keys',
  purpose: {
    read: 'To read',
    work: 'To do the tasks',
    servers: 'To work on the servers',
    look: 'To look around',
    leave: 'The workshop itself',
  },
  there: {
    title: 'In each view',
    map: 'map',
    commit: 'slow commit',
    log: 'logs',
    terminal: 'terminal',
  },
  endedBadly: (status: number) => `It ended with status ${status}. Enter brings you back to the lesson.`,
  endedByAnother: (program: 'shell' | 'psql' | 'edit') =>
    `${messages.terminal.ended(program)} Enter brings you back to the lesson.`,
  lent: {
    shell: 'This is the shell of your lab. "exit" brings you back to the lesson.',
    psql: 'This is psql. "\\q" brings you back to the lesson.',
    edit: '',
  },
  plan: 'This is what it will do:',
  right: 'Right.',
  wrong: 'Not quite.',
  problem: 'The workshop could not do that',

  changes: {
    title: 'Changes',
    tabs: { start: 'since the start', solution: 'up to the solution' } satisfies Record<ComparedWith, string>,
    comparing: 'Comparing …',
    sentence: {
      start: (lesson: number, at: string) =>
        `From the start of lesson ${lesson} (${at}) to now: - was there, + is there.`,
      solution: (lesson: number) => `From now to the solution of lesson ${lesson}: - is removed, + is added.`,
    } satisfies Record<ComparedWith, (lesson: number, at: string) => string>,
    nothing: {
      start: (lesson: number, at: string) => `Nothing has changed since the start of lesson ${lesson} (${at}).`,
      solution: (lesson: number) => `Everything is as in the solution of lesson ${lesson}.`,
    } satisfies Record<ComparedWith, (lesson: number, at: string) => string>,
    labels: {
      start: (lesson: number) => ({ before: `start of lesson ${lesson}`, after: 'now' }),
      solution: (lesson: number) => ({ before: 'now', after: `solution of lesson ${lesson}` }),
    } satisfies Record<ComparedWith, unknown>,
    when: {
      start: { before: 'at the start', after: 'now' },
      solution: { before: 'now', after: 'in the solution' },
    } satisfies Record<ComparedWith, unknown>,
    notCompared: (server: string, parts: readonly string[], when: string, why: string) =>
      `Not compared for ${server}: ${and(parts)}. Not known ${when}: ${why}`,
    signs: { same: ' ', removed: '-', added: '+' },
    spoken: { same: 'as before: ', removed: 'removed: ', added: 'added: ' },
    otherSecret: '(another password)',
  },

  map: {
    title: 'Map',
    looking: 'Looking at the servers …',
    primary: 'primary',
    standby: 'standby',
    alone: 'standby, not connected',
    unasked: 'running, but cannot be queried',
    timeline: (timeline: number) => `timeline ${timeline}`,
    cluster: (identifier: string) => `cluster …${identifier.slice(-4)}`,
    replayPaused: 'replay is paused',
    fromItself: 'receives from itself',
    unknown: 'another client',
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
      bytes: (server: string) => `${server}: WAL not replayed yet`,
      time: (server: string) => `${server}: time until replayed`,
    },
    legend: (span: string) => `A full bar is the newest ${span} of WAL; the empty part has not arrived yet.`,
    nothing: 'no WAL flows between them',
    waiting: (count: number) => (count === 1 ? '1 commit waits' : `${count} commits wait`),

    slots: 'Replication slots',
    slotUsed: (by: string) => `used by ${by}`,
    slotUnused: 'unused',
    slotTemporary: 'temporary',
    slotKeeps: (amount: string) => `keeps ${amount}`,
    slotEmpty: 'keeps nothing yet',
    slotLost: 'lost: the WAL that it kept is gone',
    timelines: 'Timelines',
    branchedOff: (at: string, why: string) => `from ${at} on${why ? `: ${why}` : ''}`,
    commits: 'Commits that wait',
    since: (time: string, age: string) => `since ${time}, ${age}`,

    noServer: 'No server of this lab runs.',
    noPrimary: 'No primary is running, so no client can write.',
    returnsBy: {
      level: (primary: string, level: string) =>
        `A commit on ${primary} waits for no standby: synchronous_commit is ${level}.`,
      names: (primary: string) => `A commit on ${primary} waits for no standby: synchronous_standby_names is empty.`,
    },
    waitsFor: (primary: string, names: readonly string[], count: number, position: 'write' | 'flush' | 'replay') => {
      const whom = count < names.length ? `${count} of ${and(names)}` : and(names);
      return `A commit on ${primary} waits until ${whom} ${count > 1 ? 'have' : 'has'} ${done[position]} it.`;
    },
    stuck: (primary: string, names: string, missing: number) =>
      `A commit on ${primary} does not return: synchronous_standby_names asks for ${names}, and ${missing === 1 ? 'one standby is' : `${missing} standbys are`} missing.`,
    badNames: (problem: string) => `synchronous_standby_names cannot be read: ${problem}.`,
    waitNow: (count: number) => (count === 1 ? 'One commit is waiting now.' : `${count} commits are waiting now.`),
    pausedOn: (server: string) => `Replay is paused on ${server}: it receives WAL, but its readers see old rows.`,
    wants: (standby: string, primary: string) => `${standby} is set up to follow ${primary}, but is not connected.`,
    strangers: 'Two primaries of two clusters: no row goes from one to the other.',
    apart: 'Two primaries that began as one cluster: their data is diverging.',

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
        says: `Its record is in the WAL buffers of ${primary}: in memory, not on disk.`,
        dies: 'the row is gone.',
      }),
      kept: (primary, standby) => ({
        says: `${primary} has flushed its WAL: the record is on its disk. Only now may it be sent.`,
        dies: `the row comes back when ${primary} does; ${standby} does not have it.`,
      }),
      sent: (primary, standby) => ({
        says: `The walsender of ${primary} has sent it over the network.`,
        dies: `the row comes back when ${primary} does; ${standby} may or may not have it.`,
      }),
      written: (_, standby) => ({
        says: `The walreceiver of ${standby} has written it: its operating system has it, but perhaps not its disk.`,
        dies: `${standby} has the row, unless its machine fails in the same moment.`,
      }),
      flushed: (_, standby) => ({
        says: `${standby} has flushed it to its disk.`,
        dies: `${standby} has the row, even if its machine crashes; its readers do not see it yet.`,
      }),
      replayed: (_, standby) => ({
        says: `${standby} has replayed it: readers there see the row.`,
        dies: `${standby} has the row, and its readers see it.`,
      }),
    } satisfies Record<Station | 'asked', (primary: string, standby: string) => { says: string; dies: string }>,
    ifItDies: (primary: string) => `If ${primary} dies now:`,
    toldAllTheSame: 'The client got its COMMIT anyway.',
    freedHere: 'Here the client gets its COMMIT.',
    ends: {
      'no standby': (primary) => `Here it ends: no standby receives the WAL of ${primary}.`,
      'not streaming': (_, standby) => `Here it ends for now: ${standby} is connected, but does not stream yet.`,
      paused: (_, standby) => `Here it ends for now: replay is paused on ${standby}.`,
    } satisfies Record<string, (primary: string, standby: string) => string>,
    stuckClient: 'The client waits until a standby on synchronous_standby_names connects, or the names are changed.',
    waitingClient: 'The client waits until that changes.',
  },

  confirm: (what: Confirmation, lesson: { number: number; title: string }, task: string): readonly string[] => {
    switch (what.do) {
      case 'solve':
        return [
          `Let the workshop do “${task}”?`,
          'It does the steps on your servers, and marks the task as done with help.',
        ];
      case 'reset':
        return [
          `Put the servers back to the start of lesson ${lesson.number}, “${lesson.title}”?`,
          'Your current state is kept under backups/ in your lab folder. Your progress from this lesson on is forgotten.',
        ];
      case 'undo':
        return [
          'Go one step back, to the state before the last solve, reset, goto or snapshot restore?',
          'The current state is kept, and U brings it back.',
        ];
      case 'redo':
        return [
          'Go one step forward again, to the state before the last undo?',
          'The current state is kept, and u brings it back.',
        ];
      case 'skip':
        return [
          'This lesson is not finished. Go on anyway?',
          'You can come back at any time: g lists the lessons. Later lessons build on this lesson.',
        ];
      case 'quit':
        return [
          'Your servers are running. Leave them running?',
          'If you leave them running, you can go on at once next time. If you stop them, they use no memory; your work is kept either way.',
        ];
    }
  },

  unseen: ({ what, fix }: Problem): string =>
    `${what} The progress comes from the lab's own record, and was not checked.\n  → ${fix}`,
  repair: {
    noLab: (dir: string): Problem => ({ what: `There is no lab in ${dir} yet.`, fix: 'Name it with --lab DIR.' }),
    labJson:
      'set lab.json aside and make a new plan from the data directories: it cannot be read. Servers and files stay as they are.',
    pending: (what: string) => `finish or take back what was begun: ${what}`,
    afterwards: 'then look again: other faults show only after that',
    leftAlone: 'leave everything else alone: files that a lesson is about are yours to change',
    nothing: 'There is nothing to repair. A task that is not done yet is no fault: "repl-workshop check" shows those.',
    done: (made: number) => `Repaired: ${made === 1 ? 'one fault' : `${made} faults`}.`,
    left: (repairs: readonly string[]): Problem => ({
      what: `This is still to repair: ${repairs.join('; ')}.`,
      fix: '"repl-workshop check" says why; "repl-workshop reset" puts a good state in its place (undo brings this one back).',
    }),
  },

  tidy: {
    nothing: 'There is nothing to fix on this machine, and no lab here to close.',
    nothingLeft: 'nothing is left over',
    left: (lines: readonly string[]): string => `This can be done: ${lines.join('; ')}.`,
    fix: 'repl-workshop doctor --fix does it; it shows what it will do, and asks.',
    lab: (sizes: {
      servers: string;
      spare: string;
      steps: { count: number; size: string };
      mostOfSteps: string;
      snapshots: { count: number; size: string };
    }): string =>
      [
        `servers ${sizes.servers}`,
        `spare for the next reset ${sizes.spare}`,
        `${sizes.steps.count === 1 ? 'one step' : `${sizes.steps.count} steps`} of undo and redo ${sizes.steps.size} (at most ${sizes.mostOfSteps}, and three at least)`,
        `${sizes.snapshots.count === 1 ? 'one snapshot' : `${sizes.snapshots.count} snapshots`} ${sizes.snapshots.size}`,
      ].join('; '),
    cache: (count: number, size: string, most: string, folder: string): string =>
      `${count === 1 ? 'one state' : `${count} states`}, ${size} (at most ${most})${folder ? `, in ${folder}` : ''}`,
  },

  exposed: {
    line: 'Other users of this machine can reach this lab. "repl-workshop doctor" says how, and "repl-workshop doctor --fix" closes it; it asks first.',
    fix: 'repl-workshop doctor --fix closes it; it shows what it will change, and asks.',
    nobody: (silent: readonly string[]): string =>
      silent.length > 0
        ? `As far as can be seen, no other user can reach it: ${silent.join(' and ')} cannot be asked now.`
        : 'No other user can reach it.',
    changed: (words: string): string => `Done: ${words}`,
    shells: 'A shell in which PGPASSWORD has an old password must be closed and opened again.',
    stopsAgain: (servers: readonly string[]): string => `${servers.join(' and ')} will be stopped again.`,
    doesNotStart: (servers: readonly string[]): Problem => ({
      what: `${servers.join(' and ')} did not start, so the passwords are what they were.`,
      fix: '"repl-workshop check" says why. When it runs, run "repl-workshop doctor --fix" again.',
    }),
  },

  notice: (notice: Notice): string => {
    switch (notice.kind) {
      case 'still to do':
        return `Still to do: ${notice.titles.join('; ')}${/[.?!]$/.test(notice.titles.at(-1) ?? '') ? '' : '.'} N skips.`;
      case 'solved':
        return `Done for you: ${notice.title}. See what has changed.`;
      case 'reset done':
        return `You are back at the start of “${notice.title}”.`;
      case 'undo done':
        return 'One step back. U brings back the state from just before.';
      case 'redo done':
        return 'One step forward. u brings back the state from just before.';
      case 'measured':
        return 'Measured. Your numbers are in the lesson.';
      case 'stopped':
        return 'Stopped: the lab is as it was before.';
      case 'report written':
        return `Your report: ${notice.files.join(' and ')}`;
      case 'first lesson':
        return 'This is the first lesson.';
      case 'only looking':
        return 'Another screen is open on this lab, so this one only shows it.';
      case 'took over':
        return 'The other screen on this lab is closed: this one works now.';
      case 'busy':
        return 'The workshop is working on your servers. A moment …';
      case 'busy elsewhere':
        return 'A command in another terminal is working on this lab: wait until it has ended.';
      case 'no question':
        return 'This task asks no question: it looks at your servers.';
      case 'no layers':
        return 'There is nothing to show for this task yet.';
      case 'no step':
        return 'The verdict names no command that a key could type.';
      case 'no block':
        return 'No command is in sight; ] goes to the next one.';
      case 'copied':
        return notice.sure
          ? `Copied: ${notice.lines === 1 ? 'one line' : `${notice.lines} lines`}.`
          : 'Copied, if your terminal lets programs do that. If not: select it with the mouse while you hold Shift (on a Mac: Option).';
      case 'no hints':
        return 'There are no hints for this task.';
      case 'no server':
        return `${notice.server} does not run, so psql would get no answer, or an answer from another server on that port.`;
      case 'killed':
        return messages.terminal.ended(notice.program);
      case 'no terminal':
        return messages.terminal.none;
      case 'no files':
        return `${notice.server} has no files yet: its folder is not there.`;
      case 'nothing to solve':
        return 'All tasks of this lesson are done.';
      case 'nothing to bring back':
        return messages.step[notice.which].none.what;
      case 'looking first':
        return 'A moment: the first look at your servers is under way.';
      case 'exposed':
        return messages.exposed.line;
      case 'no primary':
        return 'No primary is running, so nothing can be committed.';
    }
  },

  prose: {
    log: (server: string) => `In the log of ${server}:`,
    diagram: (needed: number) => `(Diagram not shown: it needs ${needed} columns. Make the window wider.)`,
  },

  measured: {
    none: 'Nothing is measured yet. Your own numbers will be here: what a commit costs, near and far.',
    near: 'Near: nothing between the servers',
    far: (distance: number) => `Far: ${distance} ms put between the servers, each way`,
    refused: (on: string, why: string) => `Not measured on ${on}: ${why}.`,
    stale: (stale: number, reads: number) => `${stale} of ${reads} reads stale`,
  },

  commands: {
    about: 'A terminal workshop that teaches PostgreSQL streaming replication on real servers.',
    options: 'Options',
    optionsOfEvery: 'Options of every command',
    statuses: 'Exit status: 0 all right, 1 not yet, 2 wrong usage, 3 could not look.',
  },
  sure: {
    plan: 'This is what will be done:',
    question: 'Do it? [y/N] ',
    dryRun: 'Nothing was done (--dry-run).',
    refused: 'Nothing was done.',
    nobody: {
      what: 'This is not a terminal, so no question can be asked.',
      fix: 'Add --yes to do it, or --dry-run to see only the plan.',
    },
  },
  prepare: {
    lesson: (number: number, title: string) => `lesson ${number}, "${title}"`,
    ready: (count: number, size: string, folder: string) =>
      `${count} states are prepared (${size}, in ${folder}): goto and reset take a moment now.`,
    stopped: 'Stopped: the states that are complete stay in the cache.',
    atWork: (pid: number) => `Another program (process ${pid}) is preparing states.`,
    noCache:
      'There is no cache folder that belongs to you alone (XDG_CACHE_HOME, or .cache in HOME): nothing is prepared.',
    notHere:
      'This lab is in folders of this machine, and the Docker daemon is on another one: there are no prepared states.',
  },
  step: {
    undo: {
      done: (about: string) =>
        `The lab is as it was before "${about}". "repl-workshop redo" brings back the state from just before.`,
      recovered: (next: string | undefined) =>
        next === undefined
          ? 'There is no earlier state.'
          : `To go back further, to the state before "${next}", run undo again.`,
      none: {
        what: 'There is nothing to undo.',
        fix: 'goto, reset, solve and snapshot restore keep the state before them.',
      },
    },
    redo: {
      done: (about: string) =>
        `The lab is as it was after "${about}". "repl-workshop undo" brings back the state from just before.`,
      recovered: (next: string | undefined) =>
        next === undefined ? 'There is no later state.' : `To go on, to the state after "${next}", run redo again.`,
      none: {
        what: 'There is nothing to redo.',
        fix: 'redo goes forward again after an undo. After a goto, reset, solve or snapshot restore, undo has those states, too.',
      },
    },
    ports: (servers: readonly { readonly name: string; readonly port: number }[]) =>
      `As at that time, ${servers.map(({ name, port }) => `${name} has port ${port}`).join(' and ')}.`,
  },
  snapshot: {
    which: (what: string | undefined, usage: string) => ({
      what: what === undefined ? 'What should be done with a snapshot?' : `snapshot cannot "${what}".`,
      fix: `Usage: repl-workshop ${usage}`,
    }),
    noName: (what: string) => ({
      what: `snapshot ${what} needs a name.`,
      fix: `For example: repl-workshop snapshot ${what} before-my-try`,
    }),
    wouldSave: (name: string) => `The state of the lab would be copied, as "${name}". Nothing was done (--dry-run).`,
    saved: (name: string, size: string) =>
      `Kept as "${name}" (${size}). "repl-workshop snapshot restore ${name}" brings it back.`,
    none: 'There are no snapshots. "repl-workshop snapshot save NAME" makes one.',
    restored: (name: string) =>
      `The lab is as it was at the snapshot "${name}". "repl-workshop undo" brings back the state from just before.`,
    wouldDrop: (name: string, size: string) => `remove the snapshot "${name}" (${size}) for good`,
    dropped: (name: string) => `The snapshot "${name}" is gone.`,
  },
  shell: {
    where: (dir: string) =>
      `This is the lab's shell, in ${dir}. Its bin/ is first on PATH: initdb, pg_ctl, psql, pg_basebackup, repl-workshop.`,
    ports: (ports: string) => `${ports}. "exit" brings you back.`,
    port: (server: string, port: number) => `${server} has port ${port}`,
  },
  left: {
    stopped: 'Your servers are stopped. ',
    running: 'Your servers keep running; "repl-workshop down" stops them. ',
    goesOn: '"repl-workshop" goes on where you left off.',
  },
  lastLesson:
    'That was the last lesson. "repl-workshop list" shows all of them; "repl-workshop reset" starts a lesson again.',

  plain: {
    folded: '"repl-workshop hint" explains it, "repl-workshop check --steps" shows the steps',
    beginAgain: (lesson: number, plan: readonly string[]) =>
      `repl-workshop reset ${lesson}, which would: ${plan.join('; ')}`,
    complete: 'All tasks of this lesson are done. Go on with:\nrepl-workshop next',
    answer: (title: string, question: string) => `Next, “${title}”:\nrepl-workshop answer ${question} <choice>`,
    work: (title: string) =>
      `Next, “${title}”. Do it, then look again; or ask for a hint:\nrepl-workshop check\nrepl-workshop hint`,
  },

  keys: {
    next: 'next',
    nextLesson: 'next lesson',
    learnt: 'what you have learnt',
    skip: 'skip this lesson',
    back: 'back',
    up: 'up',
    down: 'down',
    pageUp: 'page up',
    pageDown: 'page down',
    top: 'to the top',
    lines: 'a line up, down',
    pages: 'a page up, down',
    halfPages: 'half a page up, down',
    ends: 'to the top, to the end',
    pane: 'pane',
    task: 'read a task',
    server: 'server',
    answer: 'answer',
    answerAtOnce: 'answer at once',
    selectTask: 'task',
    unfold: 'steps',
    layers: 'details',
    layer: 'layer',
    search: 'search',
    wordsAbove: 'what it is about',
    nextHit: 'next',
    lastHit: 'previous',
    nextBlock: 'next command',
    lastBlock: 'command before',
    copy: 'copy',
    useCode: 'use it',
    doNext: 'do it',
    noBlock: 'leave it',
    edit: 'edit',
    psql: 'psql',
    shell: 'terminal',
    zoom: 'zoom',
    unzoom: 'beside the lesson',
    lesson: 'back to the lesson',
    viWrites: 'writes',
    viLeaves: 'saves and leaves vi',
    leavePsql: 'leaves psql',
    scrollBack: 'scroll',
    division: 'lesson narrower, wider',
    usualWidth: 'as usual',
    hint: (shown: number, all: number) => (all === 0 ? 'hint' : `hint ${shown}/${all}`),
    moreHints: 'one more',
    doIt: 'do it for me',
    solve: 'solve',
    measure: 'measure',
    stopOperation: 'stop',
    lessons: 'lessons',
    log: 'logs',
    map: 'map',
    changes: 'changes',
    otherState: 'start, solution',
    slowCommit: 'a commit, slowly',
    level: 'level',
    stepOn: 'a step on',
    stepBack: 'a step back',
    play: 'play',
    pausePlay: 'pause',
    reset: 'reset',
    undo: 'undo',
    redo: 'redo',
    settings: 'settings',
    report: 'write a report',
    begin: 'begin',
    change: 'change',
    help: 'keys',
    quit: 'quit',
    close: 'close',
    open: 'open',
    choose: 'choose',
    goOn: 'go on',
    tryAgain: 'try again',
    yes: 'yes',
    no: 'no',
    leave: 'leave them running',
    stop: 'stop them',
    stay: 'stay here',
  },
  helpFor: {
    layers: 'in the tasks: the steps where they are folded, else where it stops, layer by layer',
    pane: 'from the lesson to its tasks, and on',
    search: 'in the words of this lesson',
    block: 'Enter sends it where it belongs: shell, psql or file; c copies it; in the tasks: what to do next',
    doNext: 'the first “next” of the verdict: typed into the shell, or its file opened; Enter stays yours',
    copy: 'the chosen command, or the first command in sight',
    edit: 'the file at hand, at the line that the verdict names',
    psql: 'on the current server',
    shell: 'a shell in your lab, beside the lesson; Ctrl-] brings you back',
    zoom: 'the whole screen for the terminal',
    hint: 'one more with each press',
    solve: 'the workshop does the task for you',
    measure: 'where a task asks for it: what a commit costs here',
    server: 'choose the server for psql and the log',
    log: 'the logs of all servers, explained',
    map: 'the servers, and how WAL flows between them',
    changes: 'since the start of this lesson, and up to its solution',
    reset: 'back to the start of this lesson',
    undo: 'back to the state before the last solve, reset or goto; as many steps as are kept',
    redo: 'forward again, to the state before undo',
    settings: 'colours, signs, mouse, motion, sizes',
    task: 'what was seen, what is wanted, and why',
  } as Readonly<Record<string, string>>,
};

/** The interface's words, ready for translation. What lessons, verdicts and log notes say stands with them. */
import type { ProcessState } from '../lab/observation.ts';
import type { EngineId } from '../lab/plan.ts';
import type { Preference } from '../session/preferences.ts';
import type { Confirm, Notice, Pane } from '../session/session.ts';
import type { GlyphChoice, Ground, ThemeChoice } from '../session/settings.ts';

export const messages = {
  program: 'repl-workshop',
  enlarge: (columns: number, rows: number) => `enlarge me: 30x8 at least, this is ${columns}x${rows}`,
  onlyLooking: 'only looking',
  panes: { words: 'Lesson', tasks: 'Tasks', servers: 'Servers' } satisfies Record<Pane, string>,
  progress: (done: number, all: number) => `${done} of ${all}`,
  complete: 'All done.',
  goesOn: 'n goes on to the next lesson.',
  remember: 'Remember',
  question: 'Question:',
  answerIt: 'Enter answers it.',
  looking: 'Looking at the servers …',
  deed: { solve: 'The workshop does this task. A moment …', reset: 'Putting the servers back. A moment …' },

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
    note: 'note',
    fix: 'fix',
    layers: 'state',
  },
  layer: { true: '✔', false: '✖', unknown: '?' },
  blocked: (title: string) => `“${title}” comes first`,
  times: (count: number) => (count > 1 ? `${count}× ` : ''),
  brokenGround: (number: number, title: string, more: number) =>
    `Lesson ${number}, “${title}”, is broken again${more > 0 ? ` (and ${more} more)` : ''}:`,

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
  role: { primary: 'primary', standby: 'standby', standbyAlone: 'standby, not connected' },
  timeline: (timeline: number) => `timeline ${timeline}`,
  follows: (status: string) => `standby, ${status}`,
  nobody: 'nobody is connected',
  sender: (name: string, state: string, sync: string) => `${name}: ${state}, ${sync}`,
  waiting: (count: number) => (count === 1 ? 'one commit waits for a standby' : `${count} commits wait for a standby`),
  replayPaused: 'replay is paused',

  log: (server: string) => `Log of ${server}`,
  otherLog: '← →',
  logEmpty: 'Nothing since its start that needs a word.',
  logAbsent: 'This server has no log yet.',
  logReading: 'Reading the log …',
  logNothing: 'This log is empty.',

  spoken: {
    lesson: (number: number, all: number, title: string) => `Lesson ${number} of ${all}: ${title}`,
    task: (number: number, all: number, title: string, how: string) => `Task ${number} of ${all}: ${title}: ${how}`,
    keys: (keys: string) => `Keys: ${keys}`,
    back: 'Back in the lesson.',
    chosen: 'chosen: ',
    signs: { '✔': 'yes:', '✖': 'no:', '↑': 'up ', '↓': 'down ', '←': 'left ', '→': 'right ' } as Readonly<
      Record<string, string>
    >,
  },

  welcome: {
    title: 'PostgreSQL streaming replication, on real servers',
    takes: 'takes the writes',
    replays: 'replays each of them',
    flows: 'write-ahead log',
    what: 'You build this yourself, step by step: a server, a copy of it, and the way between them. The workshop watches what you really did, and says what is right, what is not yet, and why.',
    machine: (engine: EngineId, folder: string, ports: readonly number[]) =>
      `It works in ${folder || 'one folder'} and runs ${engine === 'docker' ? 'two containers' : 'two PostgreSQL servers of its own'} on the ports ${ports.join(' and ')}. Nothing else on this machine is touched, and nothing is sent anywhere.`,
    short: (engine: EngineId, folder: string) =>
      `You build this yourself, with real ${engine === 'docker' ? 'containers' : 'servers'} in ${folder || 'one folder'}. The workshop says what is right, and why.`,
    keys: [
      ['Space', 'reads on; ↑ ↓ go line by line'],
      ['Tab', 'goes from the lesson to its tasks and to your servers'],
      ['t', 'opens a terminal in your lab: that is where you work'],
      ['h', 'gives a hint, one more with each press'],
      ['?', 'shows all keys'],
    ] as readonly (readonly [string, string])[],
  },

  settings: {
    title: 'Settings',
    kept: 'In force at once, and kept in your lab folder.',
    names: {
      theme: 'Colours',
      glyphs: 'Signs',
      mouse: 'Mouse',
      motion: 'Motion',
      left: 'Lesson beside',
    } satisfies Record<Preference, string>,
    values: {
      theme: { auto: 'auto', dark: 'dark', light: 'light', contrast: 'high contrast' } satisfies Record<
        ThemeChoice,
        string
      >,
      glyphs: { auto: 'auto', unicode: '✔ ✖ ─', ascii: 'ASCII only' } satisfies Record<GlyphChoice, string>,
      mouse: { true: 'on', false: 'off' },
      motion: { true: 'on', false: 'off' },
      left: (percent: number | null) => (percent === null ? 'as it reads best' : `${percent} %`),
    },
    about: {
      auto: (ground: Ground) => `As your terminal's background is: ${ground}, as far as can be told.`,
      theme: 'Colours for this background. NO_COLOR or --no-color leaves all colours out.',
      glyphs: 'Auto: as the locale says. The meaning always stands in words, too.',
      mouse:
        'The wheel scrolls, a click does what a key does. To mark text with the mouse, hold Shift, or switch it off.',
      motion: 'Off: nothing on the screen moves by itself.',
      left: 'How much of a wide screen the lesson has; below 100 columns it has all of it.',
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
      const when = [opened ? `Begun ${opened}` : '', finished ? `finished ${finished}` : ''].filter(Boolean).join(', ');
      return `${tasks.done} of ${tasks.all} tasks done${help}.${when ? ` ${when}.` : ''}`;
    },
    nothingYet: 'No lesson is done yet. What each of them leaves with you will stand here.',
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

  hints: (level: number, all: number) => `Hint ${level} of ${all}`,
  moreHints: 'h shows one more.',
  noMoreHints: 'That was the last one. s lets the workshop do the task.',
  lessons: 'Lessons',
  lesson: { done: 'done', assisted: 'done, with help', begun: 'begun', fresh: '' },
  lessonsDone: (done: number, all: number, minutes: number) =>
    `${done} of ${all} tasks done${minutes > 0 ? `, about ${minutes} minutes left` : ''}`,
  youAreHere: 'you are here',
  minutes: (minutes: number) => `${minutes} min`,
  more: ' ↓ more ',
  help: 'Keys',
  purpose: {
    read: 'To read',
    work: 'To do the tasks',
    servers: 'To work on the servers',
    look: 'To look around',
    leave: 'The workshop itself',
  },
  endedBadly: (status: number) => `It ended with status ${status}. Enter brings you back to the lesson.`,
  lent: {
    shell: 'This is the shell of your lab. "exit" brings you back to the lesson.',
    psql: 'This is psql. "\\q" brings you back to the lesson.',
    edit: '',
  },
  plan: 'This is what it will do:',
  right: 'Right.',
  wrong: 'Not quite.',
  problem: 'The workshop could not do that',

  confirm: (what: Confirm, lesson: { number: number; title: string }, task: string): readonly string[] => {
    switch (what.do) {
      case 'solve':
        return [
          `Let the workshop do “${task}”?`,
          'It works on your servers as you would, and marks the task as done with help.',
        ];
      case 'reset':
        return [
          `Put the servers back to the start of lesson ${lesson.number}, “${lesson.title}”?`,
          'What you have now is kept under backups/ in your lab folder. Your progress from this lesson on is forgotten.',
        ];
      case 'skip':
        return [
          'This lesson is not finished. Go on all the same?',
          'You can come back at any time: g lists the lessons. Later lessons stand on this one.',
        ];
      case 'quit':
        return [
          'Your servers are running. Leave them so?',
          'Left running, they and your work are there when you come back. Stopped, they free this machine.',
        ];
    }
  },

  notice: (notice: Notice): string => {
    switch (notice.kind) {
      case 'still to do':
        return `Still to do: ${notice.titles.join('; ')}. N skips.`;
      case 'solved':
        return `Done for you: ${notice.title}. Look at what changed.`;
      case 'reset done':
        return `You are back at the start of “${notice.title}”.`;
      case 'first lesson':
        return 'This is the first lesson.';
      case 'only looking':
        return 'Another screen is open on this lab: this one only looks.';
      case 'busy':
        return 'The workshop is at work on your servers. A moment …';
      case 'no question':
        return 'This task asks no question: it looks at your servers.';
      case 'no hints':
        return 'There are no hints for this task.';
      case 'no server':
        return `${notice.server} does not run, so psql would reach nobody, or a stranger on its port.`;
      case 'no files':
        return `${notice.server} has no files yet: its folder is not there.`;
      case 'nothing to solve':
        return 'All tasks of this lesson are done.';
      case 'looking first':
        return 'A moment: the first look at your servers is under way.';
    }
  },

  prose: {
    log: (server: string) => `In the log of ${server}:`,
    diagram: (needed: number) =>
      `(A drawing stands here. It needs ${needed} columns: make the window wider to see it.)`,
  },

  measured: {
    none: 'Nothing is measured yet. Once you have, your own numbers stand here: what a commit costs, near and far.',
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
      what: 'There is nobody to ask: this is no terminal.',
      fix: 'Say --yes to do it, or --dry-run to see the plan only.',
    },
  },
  shell: {
    where: (dir: string) =>
      `This is the lab's shell, in ${dir}. Its bin/ is first on PATH: initdb, pg_ctl, psql, pg_basebackup, repl-workshop.`,
    ports: (ports: string) => `${ports}. "exit" brings you back.`,
    port: (server: string, port: number) => `${server} has port ${port}`,
  },
  left: {
    stopped: 'Your servers are stopped. ',
    running: 'Your servers go on; "repl-workshop down" stops them. ',
    goesOn: '"repl-workshop" goes on where you left off.',
  },
  lastLesson:
    'That was the last lesson. "repl-workshop list" shows all of them; "repl-workshop reset" begins one again.',

  plain: {
    complete: 'All tasks of this lesson are done. Go on with:\nrepl-workshop next',
    answer: (title: string, question: string) => `Next, “${title}”:\nrepl-workshop answer ${question} <choice>`,
    work: (title: string) =>
      `Next, “${title}”. Do it, then look again; or ask for a hint:\nrepl-workshop check\nrepl-workshop hint`,
  },

  keys: {
    next: 'next',
    nextLesson: 'next lesson',
    skip: 'skip this lesson',
    back: 'back',
    up: 'up',
    down: 'down',
    pageUp: 'page up',
    pageDown: 'page down',
    halfUp: 'half page up',
    halfDown: 'half page down',
    top: 'to the top',
    end: 'to the end',
    pane: 'pane',
    task: 'read a task',
    server: 'server',
    answer: 'answer',
    edit: 'edit',
    psql: 'psql',
    shell: 'terminal',
    hint: (shown: number, all: number) => (all === 0 ? 'hint' : `hint ${shown}/${all}`),
    moreHints: 'one more',
    solve: 'solve',
    lessons: 'lessons',
    log: 'logs',
    reset: 'reset',
    settings: 'settings',
    begin: 'begin',
    change: 'change',
    help: 'keys',
    quit: 'quit',
    close: 'close',
    open: 'open',
    choose: 'choose',
    goOn: 'go on',
    yes: 'yes',
    no: 'no',
    leave: 'leave them running',
    stop: 'stop them',
    stay: 'stay here',
  },
  helpFor: {
    edit: 'the file at hand, at the line that the verdict names',
    psql: 'on the current server',
    shell: 'a shell in your lab; exit brings you back',
    hint: 'one more with each press',
    solve: 'the workshop does the task for you',
    server: 'choose the server for psql and the log',
    log: 'the whole log of a server, explained',
    reset: 'back to the start of this lesson',
    settings: 'colours, signs, mouse, motion, sizes',
    task: 'what was seen, what is wanted, and why',
  } as Readonly<Record<string, string>>,
};

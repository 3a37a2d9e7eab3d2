/** The interface's words, ready for translation. What lessons, verdicts and log notes say stands with them. */
import type { ProcessState } from '../lab/observation.ts';
import type { Confirm, Deed, Notice, Pane } from '../session/session.ts';

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
  deed: {
    solve: 'The workshop does this task. A moment …',
    reset: 'Putting the servers back. A moment …',
    measure: 'Measuring. A moment …',
  } satisfies Record<Deed['do'], string>,
  work: {
    solve: 'The workshop does it for you',
    reset: 'Back to the start of this lesson',
    measure: 'What a commit costs',
    steps: (done: number, all: number) => `${done} of ${all}`,
    stop: {
      solve: 'Esc stops it: what was before comes back.',
      reset: 'Esc stops it: what was before comes back.',
      measure: 'Esc stops it: nothing of it is kept.',
    },
    stopping: 'Stopping. What was before comes back …',
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

  hints: (level: number, all: number) => `Hint ${level} of ${all}`,
  moreHints: 'h shows one more.',
  noMoreHints: 'That was the last one. s lets the workshop do the task.',
  lessons: 'Lessons',
  lesson: { done: 'done', assisted: 'done, with help', begun: 'begun', fresh: '' },
  youAreHere: 'you are here',
  minutes: (minutes: number) => `${minutes} min`,
  more: ' ↓ more ',
  help: 'Keys',
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
      case 'measured':
        return 'Measured. Your numbers stand in the lesson.';
      case 'stopped':
        return 'Stopped: the lab is as it was before.';
      case 'report written':
        return `Your report: ${notice.files.join(' and ')}`;
      case 'first lesson':
        return 'This is the first lesson.';
      case 'last lesson':
        return 'That was the last lesson. Well done.';
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
    measure: 'measure',
    stopDeed: 'stop',
    lessons: 'lessons',
    log: 'logs',
    reset: 'reset',
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
    measure: 'where a task asks for it: what a commit costs here',
    server: 'choose the server for psql and the log',
    log: 'the whole log of a server, explained',
    reset: 'back to the start of this lesson',
    task: 'what was seen, what is wanted, and why',
  } as Readonly<Record<string, string>>,
};

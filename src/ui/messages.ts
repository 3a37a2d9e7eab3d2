/** The interface's words, ready for translation. What lessons, verdicts and log notes say stands with them. */
import type { ProcessState } from '../lab/observation.ts';
import type { NoteSeverity } from '../postgres/notes.ts';
import type { LogFilter } from '../session/log-sieve.ts';
import type { Confirm, Deed, Notice, Pane } from '../session/session.ts';
import { mapMessages } from './map-messages.ts';

export const messages = {
  program: 'repl-workshop',
  enlarge: (columns: number, rows: number) => `enlarge me: 30x8 at least, this is ${columns}x${rows}`,
  onlyLooking: 'only looking',
  panes: { words: 'Lesson', tasks: 'Tasks', servers: 'Servers', terminal: 'Terminal' } satisfies Record<Pane, string>,
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
  layerSays: { true: 'as it should be', false: 'here it stops', unknown: 'not known' },
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

  outcome: {
    said: { true: 'Right. You said:', false: 'Not quite. You said:' },
    happened: 'What was seen:',
  },
  reading: {
    question: (place: number, all: number) => (all > 1 ? `Question ${place} of ${all}` : 'Question'),
    chosen: 'chosen',
    found: (place: number, all: number) => `${place} of ${all}`,
    notFound: 'not in this lesson',
  },

  log: (server: string) => `Log of ${server}`,
  otherLog: '← →',
  logEmpty: 'Nothing since its start that needs a word.',
  logAbsent: 'This server has no log yet.',
  logReading: 'Reading the log …',
  logNothing: 'This log is empty.',

  terminal: {
    shell: 'shell in your lab',
    psql: (server: string) => `psql on ${server}`,
    edit: (file: string) => file,
    enter: 't types here, z zooms',
    back: (rows: number) => `↑ ${rows} lines back`,
    ended: (program: 'shell' | 'psql' | 'edit') =>
      `Something has ended the ${{ shell: 'shell', psql: 'psql', edit: 'editor' }[program]}: it did not leave by itself.`,
    none: 'There is no terminal beside the lesson on this machine: t lends you the whole screen, and you can type it there.',
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
    silent: (server: string) => `Nothing of ${server} here.`,
    noneSuch: 'No such lines. f goes on to the next filter.',
    closed: { trouble: '+\u00a0trouble', normal: '+', good: '+\u00a0good' } satisfies Record<NoteSeverity, string>,
    cut: (count: number) => `… (${count.toLocaleString('en')} more characters)`,
    cause: 'Cause:',
    next: 'Next:',
    lesson: 'Lesson',
    storyTitle: 'What most likely happened',
    noStory: 'There is nothing to tell yet.',
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
    stops: (layer: string) => `All is well up to there; “${layer}” is where it stops.`,
    more: 'h shows one more.',
    news: 'h shows a hint for what is seen now.',
    solves: 'That was the last hint. h once more shows how the workshop would do it.',
    wasLast: 'That was the last hint.',
    moreThere: (level: number) => `More: repl-workshop hint --level ${level}`,
    solvesThere: 'That was the last hint. The workshop can do the task for you: repl-workshop solve',
  },
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

  map: mapMessages,

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
      case 'no layers':
        return 'There is nothing to see of this task yet.';
      case 'no block':
        return 'No command is in sight; ] goes to the next one.';
      case 'copied':
        return notice.sure
          ? `Copied: ${notice.lines === 1 ? 'one line' : `${notice.lines} lines`}.`
          : 'Copied, if your terminal lets programs do that. If not: select it with the mouse while you hold Shift (on a Mac: Option).';
      case 'no hints':
        return 'There are no hints for this task.';
      case 'no server':
        return `${notice.server} does not run, so psql would reach nobody, or a stranger on its port.`;
      case 'killed':
        return messages.terminal.ended(notice.program);
      case 'no terminal':
        return messages.terminal.none;
      case 'no files':
        return `${notice.server} has no files yet: its folder is not there.`;
      case 'nothing to solve':
        return 'All tasks of this lesson are done.';
      case 'looking first':
        return 'A moment: the first look at your servers is under way.';
      case 'no primary':
        return 'No primary runs, so there is nobody to commit to.';
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
    selectTask: 'task',
    layers: 'details',
    layer: 'layer',
    search: 'search',
    wordsAbove: 'what it is about',
    nextHit: 'next',
    lastHit: 'previous',
    nextBlock: 'next command',
    lastBlock: 'command before',
    copy: 'copy',
    typeBlock: 'type it',
    noBlock: 'leave it',
    edit: 'edit',
    psql: 'psql',
    shell: 'terminal',
    zoom: 'zoom',
    unzoom: 'beside the lesson',
    lesson: 'lesson',
    scrollBack: 'scroll',
    narrower: 'less lesson',
    wider: 'more lesson',
    usualWidth: 'as usual',
    hint: (shown: number, all: number) => (all === 0 ? 'hint' : `hint ${shown}/${all}`),
    moreHints: 'one more',
    doIt: 'do it for me',
    solve: 'solve',
    measure: 'measure',
    stopDeed: 'stop',
    lessons: 'lessons',
    log: 'logs',
    map: 'map',
    slowCommit: 'a commit, slowly',
    level: 'level',
    stepOn: 'a step on',
    stepBack: 'a step back',
    play: 'play',
    pausePlay: 'pause',
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
    layers: 'in the tasks: where it stops, layer by layer',
    search: 'in the words of this lesson',
    block: 'Enter types it, c copies it, Esc leaves it',
    copy: 'the command at hand, or the first one in sight',
    edit: 'the file at hand, at the line that the verdict names',
    psql: 'on the current server',
    shell: 'a shell in your lab, beside the lesson; Ctrl-] brings you back',
    zoom: 'the whole screen for the terminal',
    hint: 'one more with each press',
    solve: 'the workshop does the task for you',
    measure: 'where a task asks for it: what a commit costs here',
    server: 'choose the server for psql and the log',
    log: 'the logs of all servers, explained',
    map: 'the servers, and how the log flows between them',
    reset: 'back to the start of this lesson',
    task: 'what was seen, what is wanted, and why',
  } as Readonly<Record<string, string>>,
};

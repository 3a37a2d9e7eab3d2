/** The report as Markdown with tables and text bars, readable in an editor and in any viewer. Pure. */
import { isProblem } from '../../lab/problem.ts';
import type { ServerConfiguration } from '../../learner/configuration.ts';
import type { Learnt, LearntAnswer, LearntLesson } from '../../learner/report.ts';
import { answerWords, costsOf, markOf, ms, partsOf, timeOf, timeSpan, totalsOf, words } from './words.ts';

export function reportMarkdown(learnt: Learnt, fingerprint: string): string {
  const parts = [
    `<!-- ${markOf(fingerprint)} -->`,
    `# ${words.title}`,
    plain(`${learnt.about} · ${timeOf(learnt.at)}`),
    totals(learnt),
    `## ${words.lessons}`,
    ...learnt.lessons.filter(({ standing }) => standing !== 'not begun').map(lesson),
    notBegun(learnt),
    `## ${words.costs}`,
    costs(learnt),
    `## ${words.answers}`,
    learnt.answers.map(answer).join('\n') || words.noAnswers,
    `## ${words.events}`,
    events(learnt),
    `## ${words.remember}`,
    ...learnt.lessons.filter(({ remember }) => remember.length > 0).map(remembered),
    `## ${words.servers}`,
    servers(learnt),
    `---\n\n${words.footer(timeOf(learnt.at))}`,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function totals(learnt: Learnt): string {
  const { lessons, lessonsDone, tasks, tasksDone, withHelp, hints, answers, atOnce } = totalsOf(learnt);
  return table(
    ['lessons', 'tasks', words.help, 'hints read', 'answered right at once'],
    [[`${lessonsDone} of ${lessons}`, `${tasksDone} of ${tasks}`, withHelp, hints, `${atOnce} of ${answers}`]],
  );
}

function lesson({ number, title, standing, opened, finished, tasks }: LearntLesson): string {
  const rows = tasks.map(({ title: task, done, hints, ofHints }) => [
    plain(`${done ? '✔' : '○'} ${task}`),
    done ? `${timeOf(done.at)}${done.assisted ? `, ${words.help}` : ''}` : '',
    hints > 0 ? words.hints(hints, ofHints) : '',
  ]);
  const when = timeSpan(opened, finished);
  return `### ${number}. ${plain(title)}\n\n${standing}${when ? ` · ${when}` : ''}\n\n${table(['task', 'done', 'hints'], rows)}`;
}

function notBegun({ lessons }: Learnt): string {
  const left = lessons.filter(({ standing }) => standing === 'not begun');
  return left.length > 0
    ? `Not begun: ${left.map(({ number, title }) => `${number}. ${plain(title)}`).join('; ')}.`
    : '';
}

function costs(learnt: Learnt): string {
  const rows = costsOf(learnt);
  if (rows.length === 0) return words.noCosts;
  const bars = rows.flatMap(({ level, bars }) => bars.map((bar) => ({ level, ...bar })));
  const longest = Math.max(...bars.map(({ median }) => median));
  const drawn = bars.map(
    ({ level, where, median }) =>
      `${level.padEnd(13)} ${where.padEnd(5)} ${ms(median).padStart(10)}  ${'█'.repeat(Math.max(1, Math.round((median / longest) * 40)))}`,
  );
  const numbers = bars.map(({ level, where, median, p95, stale, reads }) => [
    `\`${level}\``,
    where,
    ms(median),
    ms(p95),
    `${stale} of ${reads}`,
  ]);
  return [
    words.costsHow(learnt.far?.distance),
    `\`\`\`text\n${drawn.join('\n')}\n\`\`\``,
    table(['level', '', 'median', '95 of 100', 'stale reads'], numbers),
  ].join('\n\n');
}

const answer = (one: LearntAnswer): string =>
  [
    `- **${one.lesson}.** ${marked(one.question)}`,
    `  - ${one.right ? '✔' : '✖'} ${marked(one.choice)} (${answerWords(one)})`,
    ...one.before.map((earlier) => `  - ✖ ${words.first} ${marked(earlier)}`),
  ].join('\n');

const events = ({ events: all }: Learnt): string =>
  all.length === 0
    ? words.noEvents
    : table(
        ['when', 'lesson', 'what', 'evidence'],
        all.map(({ at, lesson: number, task, seen }) => [timeOf(at), number, plain(task), plain(seen)]),
      );

const remembered = ({ number, title, remember }: LearntLesson): string =>
  `**${number}. ${plain(title)}**\n\n${remember.map((sentence) => `- ${marked(sentence)}`).join('\n')}`;

function servers({ servers: all }: Learnt): string {
  if (isProblem(all)) return `${words.notLooked} ${plain(all.what)}`;
  return [words.serversHow, ...all.map(server)].join('\n\n');
}

function server({ name, settings, hba, signals, ...about }: ServerConfiguration): string {
  const rows = (settings ?? []).map((one) => [
    `\`${one.name}\``,
    code(one.value) + (one.inEffect === null ? '' : ` (in effect: ${code(one.inEffect)})`),
    plain(`${one.file}, line ${one.line}`),
  ]);
  return [
    `### ${plain(name)}`,
    plain(standingMarkdown(about)),
    settings === null ? words.unread : rows.length > 0 ? table(['setting', 'value', 'where'], rows) : words.noChanges,
    ...(hba.length > 0
      ? [
          table(
            ['pg_hba.conf', ''],
            hba.map(({ line, text }) => [`line ${line}`, code(text)]),
          ),
        ]
      : []),
    ...(signals.length > 0 ? [`Signal files: ${signals.map(code).join(', ')}`] : []),
  ].join('\n\n');
}

export const standingMarkdown = ({
  state,
  version,
  role,
  timeline,
  standbys,
  replicationRoles,
}: Omit<ServerConfiguration, 'name' | 'settings' | 'hba' | 'signals'>): string =>
  [
    state,
    role ?? '',
    version === null ? '' : `PostgreSQL ${version}`,
    timeline === null ? '' : `timeline ${timeline}`,
    ...standbys,
    replicationRoles.length > 0 ? `may replicate: ${replicationRoles.join(', ')}` : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');

function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

const marked = (text: string): string =>
  partsOf(text)
    .map((part) => (part.code ? code(part.text) : plain(part.text)))
    .join('');

/** Escapes what Markdown would read as markup in a name or a log line. */
const plain = (text: string): string =>
  text
    .replace(/\s*\n\s*/g, ' ')
    .replace(/[\\`*_[\]|~]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;');

/** A code span whose fence is longer than any run of backticks inside. A bar is escaped: it would end a table cell. */
function code(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 || text === '' ? ' ' : '';
  return `${fence}${pad}${text.replace(/\s*\n\s*/g, ' ').replaceAll('|', '\\|')}${pad}${fence}`;
}

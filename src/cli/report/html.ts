/** The report as one HTML page without scripts and external files, for dark and light screens and A4 paper. Pure. */
import { isProblem } from '../../lab/problem.ts';
import type { ServerConfiguration } from '../../learner/configuration.ts';
import type { Learnt, LearntAnswer, LearntLesson, LearntTask } from '../../learner/report.ts';
import { standingMarkdown } from './markdown.ts';
import { costPlot, stalePlot } from './plots.ts';
import { reportStyle } from './style.ts';
import { answerWords, costsOf, markOf, ms, partsOf, timeOf, timeSpan, totalsOf, words } from './words.ts';

export const reportHtml = (learnt: Learnt, fingerprint: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="generator" content="${markOf(fingerprint)}">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${words.title}</title>
<style>${reportStyle}</style>
</head>
<body>
<header>
<h1>${words.title}</h1>
<p class="soft">${text(learnt.about)} · ${timeOf(learnt.at)}</p>
</header>
${totals(learnt)}
${section(words.lessons, lessons(learnt))}
${section(words.costs, costs(learnt))}
${section(words.answers, answers(learnt))}
${section(words.events, events(learnt))}
${section(words.remember, remembered(learnt))}
${section(words.servers, servers(learnt))}
<footer>${words.footer(timeOf(learnt.at))}</footer>
</body>
</html>
`;

const section = (title: string, inside: string): string => `<section>\n<h2>${title}</h2>\n${inside}\n</section>`;
const list = (items: readonly string[], kind = ''): string =>
  `<ul${kind ? ` class="${kind}"` : ''}>\n${items.map((item) => `<li>${item}</li>`).join('\n')}\n</ul>`;

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = header.map((cell) => `<th scope="col">${cell}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`);
  return `<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body.join('\n')}\n</tbody>\n</table>`;
}

function totals(learnt: Learnt): string {
  const all = totalsOf(learnt);
  const tile = (label: string, value: string) => `<div><dt>${label}</dt><dd>${value}</dd></div>`;
  const of = (part: number, whole: number) => `${part} <small>of ${whole}</small>`;
  return `<dl class="totals">
${tile('lessons', of(all.lessonsDone, all.lessons))}
${tile('tasks', of(all.tasksDone, all.tasks))}
${tile(`of these ${words.help}`, String(all.withHelp))}
${tile('hints read', String(all.hints))}
${tile('right at once', of(all.atOnce, all.answers))}
</dl>`;
}

function lessons({ lessons: all }: Learnt): string {
  const left = all.filter((lesson) => lesson.standing === 'not begun');
  const rest = left.map(({ number, title }) => `${number}. ${text(title)}`).join('; ');
  return [
    ...all.filter((lesson) => lesson.standing !== 'not begun').map(lessonPart),
    ...(left.length > 0 ? [`<p class="soft">Not begun: ${rest}.</p>`] : []),
  ].join('\n');
}

function lessonPart({ number, title, standing: how, opened, finished, tasks }: LearntLesson): string {
  const when = timeSpan(opened, finished);
  return `<article>
<h3>${number}. ${text(title)} <span class="soft">${how}${when ? ` · ${when}` : ''}</span></h3>
${list(tasks.map(taskPart), 'tasks')}
</article>`;
}

function taskPart({ title, done, hints, ofHints }: LearntTask): string {
  const glyph = done ? '<b class="good">✔</b>' : '<b class="soft">○</b>';
  const more = [
    done ? timeOf(done.at) : 'not done',
    ...(done?.assisted ? [words.help] : []),
    ...(hints > 0 ? [words.hints(hints, ofHints)] : []),
  ];
  return `${glyph} ${text(title)} <span class="soft">${more.join(' · ')}</span>`;
}

function costs(learnt: Learnt): string {
  const rows = costsOf(learnt);
  if (rows.length === 0) return `<p>${words.noCosts}</p>`;
  const numbers = rows.flatMap(({ level, bars }) =>
    bars.map(({ where, median, p95, stale, reads }) => [
      code(level),
      where,
      ms(median),
      ms(p95),
      `${stale} of ${reads}`,
    ]),
  );
  return `<p>${text(words.costsHow(learnt.far?.distance))}</p>
<figure>${costPlot(rows)}</figure>
<h3>${words.stale}</h3>
<p>${words.staleHow}</p>
<figure>${stalePlot(rows)}</figure>
${table(['level', '', 'median', '95 of 100', 'stale reads'], numbers)}`;
}

const answers = ({ answers: all }: Learnt): string =>
  all.length === 0 ? `<p>${words.noAnswers}</p>` : list(all.map(answerPart), 'answers');

function answerPart(answer: LearntAnswer): string {
  const { lesson, question, choice, right, before } = answer;
  const glyph = right ? '<b class="good">✔</b>' : '<b class="bad">✖</b>';
  const last = `${glyph} ${marked(choice)} <span class="soft">${answerWords(answer)}</span>`;
  const earlier = before.map((one) => `<b class="bad">✖</b> <span class="soft">${words.first}</span> ${marked(one)}`);
  return `<p><span class="soft">${lesson}.</span> ${marked(question)}</p>\n${list([last, ...earlier])}`;
}

const events = ({ events: all }: Learnt): string =>
  all.length === 0
    ? `<p>${words.noEvents}</p>`
    : table(
        ['when', 'lesson', 'what', 'evidence'],
        all.map(({ at, lesson, task, seen }) => [timeOf(at), String(lesson), text(task), text(seen)]),
      );

const remembered = ({ lessons: all }: Learnt): string =>
  all
    .filter(({ remember }) => remember.length > 0)
    .map(({ number, title, remember }) => `<h3>${number}. ${text(title)}</h3>\n${list(remember.map(marked))}`)
    .join('\n');

function servers({ servers: all }: Learnt): string {
  if (isProblem(all)) return `<p>${words.notLooked} ${text(all.what)}</p>`;
  return [`<p>${words.serversHow}</p>`, ...all.map(serverPart)].join('\n');
}

function serverPart({ name, settings, hba, signals, ...about }: ServerConfiguration): string {
  const rows = (settings ?? []).map((one) => [
    code(one.name),
    code(one.value) + (one.inEffect === null ? '' : ` (in effect: ${code(one.inEffect)})`),
    text(`${one.file}, line ${one.line}`),
  ]);
  const none = `<p>${settings === null ? words.unread : words.noChanges}</p>`;
  return [
    `<article>\n<h3>${text(name)} <span class="soft">${text(standingMarkdown(about))}</span></h3>`,
    rows.length > 0 ? table(['setting', 'value', 'where'], rows) : none,
    ...(hba.length > 0
      ? [
          table(
            ['pg_hba.conf', ''],
            hba.map(({ line, text: rule }) => [`line ${line}`, code(rule)]),
          ),
        ]
      : []),
    ...(signals.length > 0 ? [`<p>Signal files: ${signals.map(code).join(', ')}</p>`] : []),
    '</article>',
  ].join('\n');
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const text = (given: string): string => given.replace(/[&<>"']/g, (char) => escapes[char] ?? '');
const code = (given: string): string => `<code>${text(given)}</code>`;
const marked = (given: string): string =>
  partsOf(given)
    .map((part) => (part.code ? code(part.text) : text(part.text)))
    .join('');

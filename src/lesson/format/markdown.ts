/**
 * lesson.md → LessonWords, at build time (assets/compile.ts) and in `dev check`; LESSONS.md describes the format.
 * Throws an Error with the first mistake of the author: file:line, what is wrong, and the remedy.
 */
import type { List, ListItem, Node, PhrasingContent, RootContent } from 'mdast';
import { type Directives, directiveFromMarkdown } from 'mdast-util-directive';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { directive } from 'micromark-extension-directive';
import { gfm } from 'micromark-extension-gfm';
import { needsServer } from './code-place.ts';
import { type Highlight, highlighter, isLanguage, languages } from './highlight.ts';
import type { Block, Choice, HintWords, LessonWords, Only, Question, Span, SpanStyle, TaskWords } from './words.ts';

type Source = { readonly path: string; readonly lines: readonly string[]; readonly highlight: Highlight };
type Directive = Exclude<Directives, { type: 'textDirective' }>;

export function parseLesson(text: string, path: string): LessonWords {
  const unix = text.replaceAll('\r\n', '\n');
  const source = { path, lines: unix.split('\n'), highlight: highlighter() };
  const [head, ...rest] = parse(unix);
  if (head?.type !== 'heading' || head.depth !== 1) throw wrong(source, head, mistakes.untitled);
  const boxes = rest.filter(isDirective).filter(({ name }) => name === 'own' || name === 'remember');
  const box = (wanted: 'own' | 'remember') => {
    const [found, again] = boxes.filter(({ name }) => name === wanted);
    if (again) throw wrong(source, again, mistakes.twice(wanted));
    return found ? blocks(contentOf(found, source), source) : [];
  };
  const [intro = [], ...tasks] = sectionsOf(rest.filter((node) => !boxes.some((one) => one === node)));
  return {
    title: plain(head.children),
    intro: blocks(intro, source),
    tasks: tasks.map((section) => taskOf(section, source)),
    own: box('own'),
    remember: box('remember'),
  };
}

/** No text directives, because of `postgres:alpine` and `14:02`; no strike-out by one tilde, because of `~/lab`. */
function parse(text: string): readonly RootContent[] {
  const { flow } = directive();
  return fromMarkdown(text, {
    extensions: [gfm({ singleTilde: false }), flow ? { flow } : {}],
    mdastExtensions: [gfmFromMarkdown(), directiveFromMarkdown()],
  }).children;
}

/** The first section is the intro, which has no heading. */
function sectionsOf(nodes: readonly RootContent[]): readonly (readonly RootContent[])[] {
  const sections: RootContent[][] = [[]];
  for (const node of nodes) {
    if (node.type === 'heading' && node.depth === 2) sections.push([]);
    sections.at(-1)?.push(node);
  }
  return sections;
}

function taskOf([heading, ...nodes]: readonly RootContent[], source: Source): TaskWords {
  const named = (name: string) => nodes.filter(isDirective).filter((node) => node.name === name);
  const words = nodes.filter((node) => !(isDirective(node) && (node.name === 'hint' || node.name === 'predict')));
  return {
    title: heading?.type === 'heading' ? plain(heading.children) : '',
    blocks: blocks(words, source),
    hints: named('hint').map((node) => hintOf(node, source)),
    questions: named('predict').map((node) => questionOf(node, source)),
  };
}

function hintOf(node: Directive, source: Source): HintWords {
  const cause = node.attributes?.cause;
  const causes = cause?.split(/\s+/).filter(Boolean) ?? [];
  if (cause !== undefined && causes.length === 0) throw wrong(source, node, mistakes.noCause);
  return {
    blocks: blocks(contentOf(node, source), source),
    ...(causes.length > 0 ? { causes } : {}),
    ...onlyOf(attributeWords(node, 'cause'), node, source),
  };
}

function questionOf(node: Directive, source: Source): Question {
  const id = node.attributes?.id;
  if (!id) throw wrong(source, node, mistakes.noId);
  if (attributeWords(node, 'id', 'shows').length > 0) throw wrong(source, node, mistakes.questionFor(id));
  const shows = node.attributes?.shows;
  const content = contentOf(node, source);
  const list = content.at(-1);
  if (list?.type !== 'list') throw wrong(source, node, mistakes.noChoices(id));
  return {
    id,
    ask: blocks(content.slice(0, -1), source),
    choices: list.children.map((item, index) => choiceOf(item, index, source)),
    ...(shows ? { shows } : {}),
  };
}

function choiceOf(item: ListItem, index: number, source: Source): Choice {
  const [first, ...rest] = item.children;
  if (typeof item.checked !== 'boolean' || first?.type !== 'paragraph') throw wrong(source, item, mistakes.noBox);
  const [only] = rest;
  const because = rest.length === 1 && only?.type === 'blockquote' ? only.children : rest;
  return {
    id: String.fromCharCode('a'.charCodeAt(0) + index),
    right: item.checked,
    says: spans(first.children, source),
    because: blocks(because, source),
  };
}

const blocks = (nodes: readonly RootContent[], source: Source): readonly Block[] =>
  nodes.flatMap((node) =>
    isDirective(node) && node.name === 'only' ? onlyBlocks(node, source) : [blockOf(node, source)],
  );

/** The blocks inside `:::only{…}`. Each gets the `only` of the directive in addition to its own. */
function onlyBlocks(node: Directive, source: Source): readonly Block[] {
  const { only } = onlyOf(attributeWords(node), node, source);
  if (!only) throw wrong(source, node, mistakes.onlyForWhom);
  return blocks(contentOf(node, source), source).map((block) => ({ ...block, only: { ...block.only, ...only } }));
}

function blockOf(node: RootContent, source: Source): Block {
  switch (node.type) {
    case 'paragraph':
      if (linesOf(node, source).some((line) => /^\s*::/.test(line))) throw wrong(source, node, mistakes.nearDirective);
      return { kind: 'paragraph', spans: spans(node.children, source) };
    case 'heading':
      if (node.depth < 3) throw wrong(source, node, mistakes.headingPlace);
      return { kind: 'heading', depth: node.depth, spans: spans(node.children, source) };
    case 'list':
      return listOf(node, source);
    case 'blockquote':
      return { kind: 'quote', blocks: blocks(node.children, source) };
    case 'code':
      return codeOf(node, source);
    case 'table': {
      const [header = [], ...rows] = node.children.map((row) =>
        row.children.map((cell) => spans(cell.children, source)),
      );
      return { kind: 'table', header, rows };
    }
    case 'thematicBreak':
      return { kind: 'rule' };
    case 'containerDirective':
    case 'leafDirective':
      return directiveOf(node, source);
    default:
      throw wrong(source, node, mistakes.noBlock(node.type));
  }
}

function listOf(node: List, source: Source): Block {
  const items = node.children.map((item): readonly Block[] => {
    const content = blocks(item.children, source);
    const [first, ...rest] = content;
    if (typeof item.checked !== 'boolean' || first?.kind !== 'paragraph') return content;
    return [{ ...first, spans: [{ text: item.checked ? '[x] ' : '[ ] ' }, ...first.spans] }, ...rest];
  });
  return { kind: 'list', ordered: node.ordered === true, start: node.start ?? 1, items };
}

function codeOf(node: Extract<RootContent, { type: 'code' }>, source: Source): Block {
  if (node.lang === 'diagram' && node.meta) throw wrong(source, node, mistakes.diagramFor);
  if (node.lang === 'diagram') return { kind: 'diagram', text: node.value };
  const lang = node.lang ?? 'text';
  if (!isLanguage(lang)) throw wrong(source, node, mistakes.noColours(lang));
  const info = (node.meta ?? '').split(/\s+/).filter(Boolean);
  const named = info.filter((word) => word.startsWith('on='));
  if (named.length !== (needsServer(lang) ? 1 : 0)) throw wrong(source, node, mistakes.onWhich(lang));
  return {
    kind: 'code',
    lang,
    ...(named[0] ? { on: named[0].slice('on='.length) } : {}),
    lines: source.highlight(node.value, lang),
    text: node.value,
    ...onlyOf(
      info.filter((word) => !named.includes(word)),
      node,
      source,
    ),
  };
}

function directiveOf(node: Directive, source: Source): Block {
  if (node.name === 'measured') return { kind: 'measured' };
  if (node.name !== 'log') throw wrong(source, node, mistakes.noDirective(node.name));
  const server = node.attributes?.server;
  if (!server) throw wrong(source, node, mistakes.noServer);
  const [fence, more] = contentOf(node, source);
  // Plain lines come from the source, because Markdown would remove tabs, asterisks and underscores.
  const text = fence?.type === 'code' && !more ? fence.value : linesOf(node, source).slice(1, -1).join('\n').trim();
  return { kind: 'log', server, text, ...onlyOf(attributeWords(node, 'server'), node, source) };
}

function contentOf(node: Directive, source: Source): readonly RootContent[] {
  if (node.type === 'leafDirective') throw wrong(source, node, mistakes.noContent(node.name));
  if (!/^\s*:{3,}\s*$/.test(linesOf(node, source).at(-1) ?? ''))
    throw wrong(source, node, mistakes.notClosed(node.name));
  return node.children;
}

/** `words`: what follows the language of a fence, or the attributes of a directive. */
function onlyOf(words: readonly string[], node: RootContent, source: Source): { only?: Only } {
  if (words.length === 0) return {};
  const parts = words.map((word) => onlyWords[word] ?? pgRange(word) ?? word);
  const unknown = parts.find((part) => typeof part === 'string');
  if (unknown !== undefined) throw wrong(source, node, mistakes.forNobody(unknown));
  const only: Only = Object.assign({}, ...parts);
  if (Object.keys(only).length < words.length) throw wrong(source, node, mistakes.forNobody(words.join(' ')));
  return { only };
}

const onlyWords: Readonly<Record<string, Only>> = {
  native: { engine: 'native' },
  docker: { engine: 'docker' },
  folder: { storage: 'folder' },
  volume: { storage: 'volume' },
  root: { root: true },
  'not-root': { root: false },
};

function pgRange(word: string): Only | undefined {
  const [, from = '', dash, to = ''] = /^pg="?(\d*)(-?)(\d*)"?$/.exec(word) ?? [];
  if (from === '' && to === '') return undefined;
  const number = (digits: string) => (digits === '' ? null : Number(digits));
  return { pg: [number(from), dash === '' ? number(from) : number(to)] };
}

/** The attributes except `own`, as words: 'docker', 'pg=15-'. */
const attributeWords = (node: Directive, ...own: readonly string[]): readonly string[] =>
  Object.entries(node.attributes ?? {})
    .filter(([name]) => !own.includes(name))
    .map(([name, value]) => (value ? `${name}=${value}` : name));

function spans(nodes: readonly PhrasingContent[], source: Source, style?: SpanStyle): readonly Span[] {
  return nodes.flatMap((node): readonly Span[] => {
    const span = (text: string, own = style): readonly Span[] => [own ? { text, style: own } : { text }];
    switch (node.type) {
      case 'text':
        return span(node.value.replaceAll('\n', ' '));
      case 'inlineCode':
        return span(node.value.replaceAll('\n', ' '), 'code');
      case 'break':
        return span('\n');
      case 'strong':
      case 'emphasis':
        return spans(node.children, source, node.type);
      case 'link':
        // GFM takes postgres@127.0.0.1 for a mail address.
        return node.url.startsWith('mailto:')
          ? span(plain(node.children))
          : [{ text: plain(node.children), style: 'link', href: node.url }];
      default:
        throw wrong(source, node, mistakes.noInline(node.type));
    }
  });
}

const plain = (nodes: readonly PhrasingContent[]): string =>
  nodes
    .map((node) => ('children' in node ? plain(node.children) : 'value' in node ? node.value : ' '))
    .join('')
    .replaceAll('\n', ' ');

const isDirective = (node: Node): node is Directive =>
  node.type === 'containerDirective' || node.type === 'leafDirective';
const lineNumber = (node: Node | undefined): number => node?.position?.start.line ?? 1;
const linesOf = (node: Node, source: Source): readonly string[] =>
  source.lines.slice(lineNumber(node) - 1, node.position?.end.line);

type AuthorMistake = readonly [what: string, remedy: string];

const wrong = (source: Source, node: Node | undefined, [what, remedy]: AuthorMistake): Error =>
  new Error(`${source.path}:${lineNumber(node)}: ${what}. ${remedy}.`);

const remedies: Readonly<Record<string, string>> = {
  html: "Put it into `backticks`, or write the learner's own value with {{master.port}} and the like",
  image: 'Draw it in a ```diagram fence',
  linkReference: 'Write the link as [text](https://…)',
  definition: 'Write the link as [text](https://…)',
};

const mistakes = {
  untitled: ['a lesson begins with its title', 'Write "# Title" in the first line'],
  twice: (name) => [`a second :::${name}`, 'Keep one, at the end of the lesson'],
  headingPlace: [
    'this heading is in the wrong place',
    'A lesson has one "# title" and a "## heading" per task; inside them begin with "###"',
  ],
  nearDirective: [
    'this looks like a directive, but is none',
    'Write ":::name{…}", without a space before the brace, and one ":::" to end each',
  ],
  noId: ['this question has no id', 'Write ":::predict{#a-short-id}"'],
  noBox: ['a choice without its box', 'Begin it with "- [ ] " or, for the right one, "- [x] ", and words'],
  noServer: ['this log does not name its server', 'Write ":::log{server=master}" or the name of another server'],
  diagramFor: ['a diagram is for all readers', 'Leave nothing after "```diagram"'],
  noCause: ['this hint names no cause', 'Write ":::hint{cause="not-loaded"}", or leave the braces out'],
  questionFor: (id) => [
    `question "${id}" is for all readers`,
    'Leave only its id, and "shows=task-id", between the braces',
  ],
  noChoices: (id) => [
    `question "${id}" does not end with its choices`,
    'Write them as a list of "- [ ] …" and one "- [x] …", last',
  ],
  noBlock: (type) => [
    `lessons have no "${type}"`,
    remedies[type] ?? 'Say it with paragraphs, lists, tables, quotes and fences',
  ],
  noInline: (type) => [
    `lessons have no "${type}" in a line`,
    remedies[type] ?? 'Use text, **strong**, *emphasis*, `code` and [links](https://…)',
  ],
  noColours: (lang) => [`no colours for "${lang}"`, `Use one of ${Object.keys(languages).join(', ')} or diagram`],
  onWhich: (lang) =>
    needsServer(lang)
      ? [
          `this ${lang} fence does not name its server`,
          `Write "\`\`\`${lang} on=master", or the name of another server`,
        ]
      : [`a ${lang} fence belongs on no server`, 'Leave "on=…" out'],
  noDirective: (name) => [
    `no directive "${name}" is allowed here`,
    ':::log, :::only and :::measured are allowed anywhere, :::hint and :::predict directly under a "## task", :::own and :::remember outside all others; nothing else is known',
  ],
  noContent: (name) => [`"::${name}" has no content`, `Begin it with ":::${name}" and end it with ":::"`],
  onlyForWhom: ['this :::only does not say for whom', 'Write ":::only{docker}"'],
  notClosed: (name) => [`":::${name}" is not closed`, 'End it with a line ":::"'],
  forNobody: (word) => [
    `"${word}" names no reader`,
    'Use native, docker, folder, volume, root, not-root, pg=15-, pg=-14, pg=15-17 or pg=15',
  ],
} satisfies Record<string, AuthorMistake | ((detail: string) => AuthorMistake)>;

/** A lesson of LINES lines on a screen with keys: `node long-lesson.mjs LINES`, run in a terminal. */
import { parseLesson } from '../../src/lesson/format/markdown.ts';
import { lessonsFor } from '../../src/lesson/format/reader.ts';
import { lessons, plan } from '../session/fixture.ts';
import { onScreen } from './made.ts';

const paragraph = (at: number) =>
  `Paragraph ${at} tells of *one* server that sends its log, and of another that \`replays\` it.\n\n- One point.\n- Another.\n`;
const paragraphs = Array.from({ length: Number(process.argv[2]) / 6 }, (_, at) => paragraph(at));

const [first] = lessons;
if (!first) throw new Error('the room has lessons');
const words = parseLesson(`# A long lesson\n\n${paragraphs.join('\n')}`, 'long/lesson.md');
const [long] = lessonsFor([{ ...first, tasks: [], words }], { engine: 'native', major: 18, root: false }, plan);
if (!long) throw new Error('one is left');
onScreen(long, { lessons: [long], plan });

/** Progress of images (pull, save, load) and of operations, written to stderr. */
import type { ImageProgress } from '../lab/lab.ts';
import type { StepProgress } from '../lesson/step-progress.ts';
import { cut } from '../ui/layout/fit.ts';
import { piece } from '../ui/layout/wrap.ts';
import type { Io } from './command.ts';

export type ProgressOutput = Disposable & {
  onImage(about: string): (progress: ImageProgress) => void;
  onStep(progress: StepProgress): void; // of an operation; written on a terminal only
  end(): void; // erases the progress line
};

/**
 * On a terminal, one line is rewritten for each report. Elsewhere an image gets a new line for each stage and each
 * quarter of it, and a step gets none. With --json nothing is written.
 */
export function openProgress(io: Io, json: boolean): ProgressOutput {
  const { stderr } = process;
  const onTerminal = io.terminal && stderr.isTTY;
  let last = '';
  const rewriteLine = (line: string) => {
    const shown = inOneRow(line, io.columns);
    if (shown !== last) stderr.write(`\r${shown}\u001b[K`);
    last = shown;
  };
  const writeIfNew = (line: string, stage: string) => {
    if (stage !== last) io.err(line);
    last = stage;
  };
  const end = () => {
    if (onTerminal && last !== '') stderr.write('\r\u001b[K');
    last = '';
  };
  return {
    onImage: (about) => (progress) => {
      if (json) return;
      const line = progressLine(about, progress);
      if (onTerminal) rewriteLine(line);
      else writeIfNew(line, `${progress.what} ${quarterOf(progress)}`);
    },
    onStep(progress) {
      if (!json && onTerminal) rewriteLine(stepLine(progress));
    },
    end,
    [Symbol.dispose]: end,
  };
}

/** A line that reaches the last column may be wrapped by the terminal, and could not be rewritten then. */
export const inOneRow = (line: string, width: number): string =>
  cut([piece(line)], width - 1)
    .map(({ text }) => text)
    .join('');

/** `━━━━━━──────  Lesson 3: A role for the standby: pg_ctl …` */
function stepLine({ steps, at, now, share }: StepProgress): string {
  const done = Math.floor(share * barWidth);
  return `${'━'.repeat(done)}${'─'.repeat(barWidth - done)}  ${steps[at] ?? ''}${now ? `: ${now.replace(/\s+/g, ' ')}` : ''}`;
}

const barWidth = 20;

const quarterOf = ({ bytes: { done, total } }: ImageProgress): number =>
  total === null ? 0 : Math.floor((done / total) * 4);

function progressLine(about: string, { what, layers, bytes }: ImageProgress): string {
  const parts = layers === null ? [] : [`${layers.done} of ${layers.total} layers`];
  parts.push(
    bytes.total === null ? `${megabytes(bytes.done)} MB` : `${megabytes(bytes.done)} of ${megabytes(bytes.total)} MB`,
  );
  return `${what} ${about}: ${parts.join(', ')}`;
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);

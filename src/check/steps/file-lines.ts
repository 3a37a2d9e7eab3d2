/** Lines of a server's configuration files by their number. */
import type { ServerView, Unreadable } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import type { Edit, Step } from '../verdict.ts';

/** The text of a configuration file. undefined: there is none of this path, or it is not known. */
export function textOfFile({ disk }: ServerView, file: string): string | undefined {
  if (isProblem(disk)) return undefined;
  const { conf, hba } = disk;
  const texts = [...conf, ...(hba && 'texts' in hba ? hba.texts : [])];
  return texts.flatMap((one) => ('content' in one && one.path === file ? [one.content] : []))[0];
}

/** undefined: there is no such line, or the file's text is not known. */
export const lineOf = (view: ServerView, { file, line }: Pick<Edit, 'file' | 'line'>): string | undefined =>
  typeof line === 'number' ? textOfFile(view, file)?.split('\n')[line - 1]?.replace(/\r$/, '') : undefined;

/** The step after which the server can read the file: its mode is changed, or its owner. */
export const readableAgain = ({ name }: ServerView, { path, shut }: Unreadable): Step =>
  shut ? { do: 'chmod', on: name, file: path } : { do: 'chown', on: name };

/** The step that makes a line a comment; none where it is one, or is not known. */
export function commentOut(view: ServerView, file: string, line: number): readonly Edit[] {
  const text = lineOf(view, { file, line });
  return text === undefined || /^\s*(?:#|$)/.test(text)
    ? []
    : [{ do: 'edit', on: view.name, file, line, text: `#${text.trim()}` }];
}

/** Refuses paths for a new lab that the programs used with it do not understand. */
import { delimiter } from 'node:path';
import { ProblemError } from '../problem.ts';

/** PATH and `docker run -v` end a folder at ":", a line of a configuration file ends at a line break. */
export function refuseOddPath(dir: string): void {
  const odd = dir.includes(delimiter) ? `"${delimiter}"` : hasControlCharacter(dir) ? 'a control character' : undefined;
  if (odd === undefined) return;
  throw new ProblemError(
    {
      what: `${dir}: a lab cannot be in a folder with ${odd} in its path. The programs that are used with it take that for the end of the path.`,
      fix: 'Choose another folder with --lab DIR.',
    },
    2,
  );
}

const hasControlCharacter = (text: string): boolean =>
  [...text].some((character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x20 || code === 0x7f;
  });

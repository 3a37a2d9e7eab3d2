/** The image of a lab on Docker, which is pulled when the learner agrees. */
import type { Lab } from '../../lab/lab.ts';
import { ProblemError } from '../../lab/problem.ts';
import { flag, type Invocation } from '../command.ts';
import { askYes } from '../confirm.ts';
import { openProgress } from '../progress.ts';

/** For operations that create containers. Throws a ProblemError where the image is missing and may not be pulled. */
export async function needImage(invocation: Invocation, { image }: Lab): Promise<void> {
  if (!image || (await image.isHere())) return;
  const { io, options, signal } = invocation;
  const fix = `docker pull ${image.name}; in a room without network: repl-workshop bundle load FILE`;
  const what = `The image ${image.name} is not on this Docker.`;
  if (flag(options, 'offline')) throw new ProblemError({ what: `${what} --offline pulls none.`, fix });
  const may = flag(options, 'yes') || (io.terminal && (await askYes(`${what} Pull it (about 150 MB)? [y/N] `, signal)));
  if (!may) throw new ProblemError({ what, fix });
  using progress = openProgress(io, flag(options, 'json'));
  await image.fetch(progress.onImage(image.name), signal);
}

/** Prints one line where the lab is another user's and is not looked at. JSON output has the field `unseen` instead. */
import type { OpenedLab } from '../../learner/opened-lab.ts';
import { messages } from '../../ui/messages.ts';
import { flag, type Invocation } from '../command.ts';

export function tellUnseen({ unseen }: OpenedLab, { io, options }: Invocation): void {
  if (unseen && !flag(options, 'json')) io.err(messages.unseen(unseen));
}

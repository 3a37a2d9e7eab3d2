/** One line to whoever looks at somebody else's lab, in words; JSON has it as `unseen`. */

import type { OpenedLab } from '../../learner/opened-lab.ts';
import { messages } from '../../ui/messages.ts';
import { flag, type Invocation } from '../command.ts';

export function tellUnseen({ unseen }: OpenedLab, { io, options }: Invocation): void {
  if (unseen && !flag(options, 'json')) io.err(messages.unseen(unseen));
}

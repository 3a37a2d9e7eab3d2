/** One line to whoever looks at somebody else's lab, in words; JSON has it as `unseen`. */
import { messages } from '../../ui/messages.ts';
import { flag, type Invocation } from '../command.ts';
import type { Looking } from './opened-lab.ts';

export function tellUnseen({ unseen }: Looking, { io, options }: Invocation): void {
  if (unseen && !flag(options, 'json')) io.err(messages.unseen(unseen));
}

/** Prints one line where other users can get into the lab; `doctor` has the details. */
import { exposures } from '../../lab/exposure/exposure.ts';
import { factsOfFolder } from '../../lab/exposure/facts.ts';
import type { Lab } from '../../lab/lab.ts';
import { messages } from '../../ui/messages.ts';
import type { Invocation } from '../command.ts';

/** Judged by the folder and the plan only: no server is asked. */
export const isExposed = (lab: Lab): boolean => exposures(factsOfFolder(lab)).length > 0;

export function tellExposed(lab: Lab, { io }: Invocation): void {
  if (isExposed(lab)) io.err(messages.exposed.line);
}

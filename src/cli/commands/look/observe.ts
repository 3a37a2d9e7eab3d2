/** observe: prints the whole observation as JSON, for a bug report or a fixture. */
import { maskObservation } from '../../../lab/mask.ts';
import { hideSecrets } from '../../../lab/secrets/secrets.ts';
import type { Run } from '../../command.ts';
import { atMost, openToLook } from '../../opening/access.ts';

export const observe: Run = async (invocation) => {
  atMost(invocation, 0, 'observe [--json]');
  const { lab } = await openToLook(invocation);
  const seen = maskObservation(await lab.observe(invocation.unheard));
  const text = JSON.stringify({ schema: 1, ...seen }, null, invocation.options.json === true ? 0 : 2);
  invocation.io.out(hideSecrets(text, lab.plan));
  return seen.unseen ? 3 : 0;
};

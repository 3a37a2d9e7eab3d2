/** Decides whether a measurement makes no sense, and why: as a sentence and for a check. */

import type { Sql } from '../observation.ts';
import type { Measurement } from './measurement.ts';

type Refusal = { readonly why: string; readonly because: NonNullable<Measurement['because']> };

export function refusal(
  on: string,
  primary: Sql | undefined,
  names: string,
  syncStandby: string | null,
): Refusal | null {
  if (!primary) return { because: 'wrong server', why: `${on} does not answer, so nothing can be written there` };
  if (primary.inRecovery) {
    const why = 'it refuses every write ("cannot execute INSERT in a read-only transaction")';
    return { because: 'wrong server', why: `${on} is a standby: ${why}; measure on the primary` };
  }
  const nobody = 'nobody is waited for';
  if (names === '')
    return {
      because: nobody,
      why: 'synchronous_standby_names is empty: the master waits for no standby, so all levels would show the same number. Set it as in lesson 10, reload, and measure again',
    };
  if (!syncStandby)
    return {
      because: nobody,
      why: `synchronous_standby_names is '${names}', but no standby is sync now: every commit would hang. Start the standby (lesson 8), and measure again`,
    };
  return null;
}

/** A password that is printed in the tutorial is accepted, with a warning. */
import type { Observation, Role } from '../lab/observation.ts';
import { tutorialSecrets } from '../lab/secrets/secrets.ts';
import { passwordFits } from '../postgres/scram.ts';

const printed: readonly string[] = [
  ...new Set([...Object.values(tutorialSecrets.servers), tutorialSecrets.replication]),
];

type Warning = { readonly warning?: string };

/**
 * Returns a function that looks for a warning. Testing one password against a SCRAM secret takes 4096 rounds, so the
 * function remembers its last result: the same role is tested at each look. It is pure all the same.
 */
export function tutorialPassword(): (now: Observation, role: Role | undefined) => Warning {
  let last: { readonly stored: string; readonly user: string; readonly word: string | undefined } | undefined;
  return (now, role) => {
    if (now.engine === 'docker' || !role?.password) return {};
    const { name: user, password: stored } = role;
    if (last?.stored !== stored || last.user !== user)
      last = { stored, user, word: printed.find((word) => passwordFits(stored, user, word)) };
    return last.word === undefined ? {} : { warning: warningOf(user, last.word) };
  };
}

/** For a password in plain text, as in primary_conninfo. Docker labs have the tutorial's passwords on purpose. */
export const isTutorialPasswordHere = (now: Observation, password: string | undefined): boolean =>
  now.engine !== 'docker' && password !== undefined && printed.includes(password);

export const warningOf = (user: string, word: string): string =>
  `${word}, the password of ${user}, stands in the tutorial: anybody on this machine can read it there and come in as ${user}`;

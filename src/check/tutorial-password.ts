/** Who uses a password that stands in the tutorial is let through, and told. */
import type { Observation, Role } from '../lab/observation.ts';
import { tutorialSecrets } from '../lab/secrets/secrets.ts';
import { passwordFits } from '../postgres/scram.ts';

const words: readonly string[] = [...new Set([...Object.values(tutorialSecrets.servers), tutorialSecrets.replication])];

type Warning = { readonly warning?: string };

/** A SCRAM secret takes 4096 rounds for each word, and the same question comes at every look. Pure all the same: one answer is remembered. */
export function tutorialPassword(): (now: Observation, role: Role | undefined) => Warning {
  let last: { readonly stored: string; readonly user: string; readonly word: string | undefined } | undefined;
  return (now, role) => {
    if (now.engine === 'docker' || !role?.password) return {};
    const { name: user, password: stored } = role;
    if (last?.stored !== stored || last.user !== user)
      last = { stored, user, word: words.find((word) => passwordFits(stored, user, word)) };
    return last.word === undefined ? {} : { warning: warningOf(user, last.word) };
  };
}

/** The same for a password that can be read. */
export const isTutorialPasswordHere = (now: Observation, password: string | undefined): boolean =>
  now.engine !== 'docker' && password !== undefined && words.includes(password);

export const warningOf = (user: string, word: string): string =>
  `${word}, the password of ${user}, stands in the tutorial: anybody on this machine can read it there and come in as ${user}`;

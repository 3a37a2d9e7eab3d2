/** The passwords of a lab: the tutorial's own words, or the same with a tail that nobody else knows. */
import { randomInt } from 'node:crypto';
import { maskText } from '../../postgres/mask/mask.ts';
import type { LabPlan } from '../plan/plan.ts';

export type Secrets = {
  readonly servers: Readonly<Record<string, string>>; // of the superuser postgres, by the server's name
  readonly replication: string; // of the role with which a standby logs in
};

/** As the tutorial types them: anybody can read them there. Labs on Docker have these, and labs that were made before there were others. */
export const tutorialSecrets: Secrets = {
  servers: { master: 'master_pass', slave: 'slave_pass' },
  replication: 'slave_pass',
};

/** Lower case, and nothing that is taken for something else: no 0 and o, no 1, l and i. */
export const easyCharacters = 'abcdefghjkmnpqrstuvwxyz23456789';
export const tailLength = 8; // of 31 signs each: 39.6 bits

/** 'slave' → 'slave_x4hq9tbn' */
export const newSecret = (name: string): string =>
  `${name}_${Array.from({ length: tailLength }, () => easyCharacters[randomInt(easyCharacters.length)]).join('')}`;

/** Each is another one: after the clone the slave's own password must not open it. */
export const newSecrets = (): Secrets => ({
  servers: { master: newSecret('master'), slave: newSecret('slave') },
  replication: newSecret('slave'),
});

/**
 * An output of this lab without its secrets, wherever they stand in it: `maskText` finds a password by the words around it, and this one by itself.
 * What everybody can read in the tutorial is no secret. JSON stays JSON.
 */
export const hideSecrets = (text: string, plan: LabPlan): string =>
  secretsOf(plan).reduce(
    (shown, one) => (isHidden(one) && shown.includes(one) ? shown.replaceAll(one, hidden) : shown),
    text,
  );

/** Any text for eyes, of whatever came from a server, a file or a log. */
export const shownText = (text: string, plan: LabPlan): string => hideSecrets(maskText(text), plan);

const isHidden = (secret: string): boolean => ofOurForm.test(secret) && !tutorialWords.includes(secret);
const ofOurForm = /^[a-z][a-z0-9]*_[a-z0-9]{6,}$/; // a lab.json may say "a": every a would be hidden then
const tutorialWords: readonly string[] = [...Object.values(tutorialSecrets.servers), tutorialSecrets.replication];
const hidden = '********';

/** All passwords of the lab, each once. */
export const secretsOf = ({ servers, replication }: LabPlan): readonly string[] => [
  ...new Set([...servers.map(({ password }) => password), replication.password]),
];

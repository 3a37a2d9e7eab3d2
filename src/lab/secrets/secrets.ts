/** The passwords of a lab: the tutorial's, or the same words with a random tail. */
import { randomInt } from 'node:crypto';
import { maskText } from '../../postgres/mask/mask.ts';
import type { LabPlan } from '../plan/plan.ts';

export type Secrets = {
  readonly servers: Readonly<Record<string, string>>; // of the superuser postgres, by server
  readonly replication: string; // of the role with which a standby logs in
};

/**
 * The tutorial's passwords, which everyone can read. Labs on Docker have them, and labs from before there were others.
 */
export const tutorialSecrets: Secrets = {
  servers: { master: 'master_pass', slave: 'slave_pass' },
  replication: 'slave_pass',
};

/** Lower-case characters and digits without those that look alike: 0 and o; 1, l and i. */
export const easyCharacters = 'abcdefghjkmnpqrstuvwxyz23456789';
export const tailLength = 8; // of 31 characters each: 39.6 bits

/** For 'slave', something like 'slave_x4hq9tbn'. */
export const newSecret = (name: string): string =>
  `${name}_${Array.from({ length: tailLength }, () => easyCharacters[randomInt(easyCharacters.length)]).join('')}`;

/** All different: after the clone, the slave's own password must not work on it. */
export const newSecrets = (): Secrets => ({
  servers: { master: newSecret('master'), slave: newSecret('slave') },
  replication: newSecret('slave'),
});

/**
 * Hides the lab's secrets in an output, wherever they are: `maskText` finds a password by the words around it, this
 * function by its text. The tutorial's passwords are no secrets. JSON stays valid JSON.
 */
export const hideSecrets = (text: string, plan: LabPlan): string =>
  secretsOf(plan).reduce(
    (shown, one) => (isHidden(one) && shown.includes(one) ? shown.replaceAll(one, hidden) : shown),
    text,
  );

/** Any text that comes from a server, a file or a log, ready to be shown. */
export const shownText = (text: string, plan: LabPlan): string => hideSecrets(maskText(text), plan);

const isHidden = (secret: string): boolean => secretForm.test(secret) && !tutorialWords.includes(secret);
const secretForm = /^[a-z][a-z0-9]*_[a-z0-9]{6,}$/; // a short password such as "a" in lab.json would hide every a
const tutorialWords: readonly string[] = [...Object.values(tutorialSecrets.servers), tutorialSecrets.replication];
const hidden = '********';

/** Each password of the lab under the name by which `repl-workshop secret NAME` prints it. */
export const namedSecrets = ({
  servers,
  replication,
}: LabPlan): readonly (readonly [name: string, value: string])[] => [
  ...servers.map(({ name, password }) => [name, password] as const),
  [replicationSecret, replication.password],
];
export const replicationSecret = 'replication';

/** All passwords of the lab, without repetitions. */
export const secretsOf = (plan: LabPlan): readonly string[] => [
  ...new Set(namedSecrets(plan).map(([, value]) => value)),
];

/** The learner's own values in a lesson's words. Any text of a lesson may hold them; they are filled in when it is drawn. */
import { type LabPlan, serverPlan } from '../lab/plan.ts';
import type { Only } from './words.ts';

/** `{{master.port}}` → `5432`. An unknown placeholder throws an Error that names it: the author's mistake, found by the lint. */
export function fill(text: string, plan: LabPlan): string {
  if (!text.includes('{{')) return text;
  return text.replace(placeholder, (_, name: string) => valueIn(name.trim(), plan));
}

export const placeholder = /\{\{([^{}]*)\}\}/g;

function valueIn(name: string, plan: LabPlan): string {
  if (isWholePlan(name)) return wholePlan[name](plan);
  const [server = '', part = ''] = name.split('.');
  if (!isServerPart(part) || name.split('.').length !== 2)
    throw new Error(`no value for {{${name}}}: known are ${known}`);
  return String(serverPlan(plan, server)[part]);
}

const wholePlan = {
  host: (plan: LabPlan) => plan.host,
  user: (plan: LabPlan) => plan.replication.user,
  password: (plan: LabPlan) => plan.replication.password,
  application: (plan: LabPlan) => plan.replication.applicationName,
  major: (plan: LabPlan) => String(plan.major),
  relay: (plan: LabPlan) => String(plan.relayPort),
};
const isWholePlan = (name: string): name is keyof typeof wholePlan => Object.hasOwn(wholePlan, name);

const serverParts = ['port', 'data', 'log', 'database', 'password'] as const;
const isServerPart = (part: string): part is (typeof serverParts)[number] =>
  (serverParts as readonly string[]).includes(part);

const known = [...Object.keys(wholePlan), ...serverParts.map((part) => `master.${part}`)]
  .map((name) => `{{${name}}}`)
  .join(', ');

/** Who reads: the lab's engine and major version, and whether the workshop runs as root. */
export type Reader = { readonly engine: LabPlan['engine']; readonly major: number; readonly root: boolean };

export function visible(only: Only | undefined, { engine, major, root }: Reader): boolean {
  const [from, to] = only?.pg ?? [null, null];
  return (
    (only?.engine ?? engine) === engine &&
    (only?.root ?? root) === root &&
    major >= (from ?? major) &&
    major <= (to ?? major)
  );
}

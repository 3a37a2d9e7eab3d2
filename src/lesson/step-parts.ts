/** The text of a step in parts, so that a program can have it whole while an output holds no password. */
import type { Step } from '../check/verdict.ts';
import type { SeenPlan } from '../lab/plan/plan-seen.ts';
import { namedSecrets } from '../lab/secrets/secrets.ts';
import { maskText } from '../postgres/mask/mask.ts';
import { filledStep, stepWords } from './step.ts';

/** `secret`: a name that `repl-workshop secret NAME` knows; the password that it prints stands here. */
type TextPart = string | { readonly secret: string };

/** `parts`, joined, give the text. `command`: what to type in the lab's shell, where the text is not that. */
export type StepTexts = {
  readonly text: string;
  readonly parts: readonly TextPart[];
  readonly command?: readonly TextPart[];
};

/** The text of a step is its line, its SQL or its sentence; where it has none, what a learner types. */
export function stepTexts(step: Step, plan: SeenPlan): StepTexts {
  const filled = filledStep(step, plan);
  const words = stepWords(step, plan);
  const text = 'text' in filled && step.do !== 'run' ? filled.text : words;
  const command = step.do === 'sql' ? { command: partsOf(words, plan) } : {};
  return { text, parts: partsOf(text, plan), ...command };
}

/** A password that is none of the lab's stands in a learner's own line only, which becomes a comment: it is masked. */
function partsOf(text: string, plan: SeenPlan): readonly TextPart[] {
  const secrets = namedSecrets(plan).filter(([, { length }]) => length >= leastLength);
  const parts = secrets.reduce<readonly TextPart[]>(
    (all, [secret, value]) =>
      all.flatMap((part) => (typeof part === 'string' ? split(part, value, { secret }) : [part])),
    [text],
  );
  const shown = parts.map((part) => (typeof part === 'string' ? part : hidden)).join('');
  return maskText(shown) === shown ? parts : [maskText(shown)];
}

const hidden = '********';
const leastLength = 6; // a short password in lab.json, such as "a", would be in every word

function split(text: string, value: string, by: TextPart): readonly TextPart[] {
  const pieces = text.split(value);
  return pieces.flatMap((piece, at) => [...(at > 0 ? [by] : []), ...(piece === '' ? [] : [piece])]);
}

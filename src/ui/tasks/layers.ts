/** The sheet of a verdict's layers (written, loaded, in effect, observed), each with what was seen and its place. */

import type { Layer, Location } from '../../check/verdict.ts';
import type { SeenPlan } from '../../lab/plan/plan-seen.ts';
import { planSeen } from '../../lab/plan/plan-seen.ts';
import { shownText } from '../../lab/secrets/secrets.ts';
import type { TaskState } from '../../learner/judge.ts';
import { placeWords } from '../../lesson/step.ts';
import type { Session } from '../../session/session.ts';
import { type Layers, layersOf } from '../../session/view/layers.ts';
import { indented } from '../layout/fit.ts';
import { type Line, piece, wrap } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import { hang, verdictLines } from './verdict.ts';

export function layersSheet(session: Session, { task, cursor }: Layers, width: number) {
  const state = session.tasks.find(({ key }) => key === task);
  const layers = state ? layersOf(state) : [];
  const stops = layers.findIndex(({ ok }) => ok === false);
  const parts = layers.map((layer, at) => layerLines(layer, at === stops, at === cursor, session.plan, width));
  const lines = [...parts.flat(), ...verdictBelow(state, session, width)];
  const focus = parts.slice(0, cursor + 1).flat().length;
  return { title: state?.words.title ?? '', lines, whole: false, focus, least: parts.slice(0, cursor).flat().length };
}

function layerLines(
  { layer, ok, seen, at }: Layer,
  stops: boolean,
  isChosen: boolean,
  plan: SeenPlan,
  width: number,
): readonly Line[] {
  const style = ok === 'unknown' ? 'warning' : ok ? 'good' : 'trouble';
  const glyph = messages.layer[`${ok}`];
  const result = stops ? messages.layerSays.stops : messages.layerSays[`${ok}`];
  const lead = [piece(isChosen ? '▸ ' : '  ', 'key'), piece(`${glyph} `, style)];
  const name = [piece(layer, isChosen ? 'strong' : 'text'), piece(` · ${result}`, style)];
  const place = at && !isSaid(seen, at) ? wrap([piece(shownText(placeWords(at), plan), 'detail')], width - 4) : [];
  const text = seen === '' ? [] : wrap([piece(shownText(seen, plan))], width - 4);
  return [...hang(lead, name, width), ...indented([...text, ...place], 4)];
}

/** The verdict without its layers and place, which the lines above show. */
function verdictBelow(state: TaskState | undefined, { plan, now }: Session, width: number): readonly Line[] {
  if (state?.verdict.kind !== 'fail') return [];
  const { layers: _, at: __, ...verdict } = state.verdict;
  return [[], ...verdictLines(verdict, planSeen(plan, now), width)];
}

/** True when the text of a layer already names the file and line of its place. */
const isSaid = (seen: string, at: Location): boolean =>
  'file' in at && seen.includes(at.file) && (at.line === undefined || seen.includes(`line ${at.line}`));

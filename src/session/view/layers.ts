/** The layers of a verdict as an overlay, with what was seen and where at each layer. Pure. */
import type { Layer, Location } from '../../check/verdict.ts';
import type { TaskState } from '../../learner/judge.ts';
import { currentTask, type Overlay, type Session } from '../session.ts';
import { clamp, notify, show, type Transition, unscrolled } from '../transition.ts';

export type Layers = Extract<Overlay, { kind: 'layers' }>;

/** The layers of a verdict; a verdict without layers has a single layer, 'observed'. */
export function layersOf({ verdict }: Pick<TaskState, 'verdict'>): readonly Layer[] {
  switch (verdict.kind) {
    case 'blocked':
      return [];
    case 'unknown':
      return [{ layer: 'observed', ok: 'unknown', seen: verdict.problem.what }];
    case 'pass':
      return verdict.layers ?? [{ layer: 'observed', ok: true, seen: verdict.seen }];
    case 'fail':
      return verdict.layers ? placed(verdict.layers, verdict.at) : [observed(verdict.seen, verdict.at)];
  }
}

const observed = (seen: string, at: Location | undefined): Layer => ({
  layer: 'observed',
  ok: false,
  seen,
  ...(at ? { at } : {}),
});

/** Gives the place of the verdict to the layer that fails. */
function placed(layers: readonly Layer[], at: Location | undefined): readonly Layer[] {
  const stuck = stuckAt(layers);
  return layers.map((layer, place) => (place === stuck && at && !layer.at ? { ...layer, at } : layer));
}

/** The index of the first layer that fails, else of the last layer. */
function stuckAt(layers: readonly Layer[]): number {
  const first = layers.findIndex(({ ok }) => ok === false);
  return first < 0 ? Math.max(layers.length - 1, 0) : first;
}

export function openLayers(session: Session): Transition {
  const state = currentTask(session);
  const layers = state ? layersOf(state) : [];
  if (!state || layers.length === 0) return notify(session, { kind: 'no layers' });
  return show(session, { kind: 'layers', task: state.key, cursor: stuckAt(layers) });
}

export function moveLayer(session: Session, overlay: Layers, by: 1 | -1): Transition {
  const state = session.tasks.find(({ key }) => key === overlay.task);
  return show(session, { ...overlay, cursor: clamp(overlay.cursor + by, state ? layersOf(state).length : 1) });
}

/** The place of the layer under the cursor; undefined when no layers are open or this layer has no place. */
export function placeAtHand({ overlay, tasks }: Session): Location | undefined {
  const state = overlay?.kind === 'layers' ? tasks.find(({ key }) => key === overlay.task) : undefined;
  return state && overlay?.kind === 'layers' ? layersOf(state)[overlay.cursor]?.at : undefined;
}

/** Selects the next or previous task of the lesson. */
export function selectTask(session: Session, by: 1 | -1): Transition {
  const { tasks } = session;
  const current = currentTask(session);
  const next = current && tasks[clamp(tasks.indexOf(current) + by, tasks.length)];
  return next
    ? [{ ...session, selected: next.key, scroll: { ...session.scroll, tasks: unscrolled } }, []]
    : [session, []];
}

/** The settings sheet: the settings and their values, in order. */

import type { Settings } from '../../learner/settings.ts';
import type { Overlay, Session } from '../session.ts';
import { clamp, remember, show, type Transition } from '../transition.ts';

export type Preference = 'theme' | 'glyphs' | 'mouse' | 'motion' | 'left';

export const preferences: readonly Preference[] = ['theme', 'glyphs', 'mouse', 'motion', 'left'];

const choices: { readonly [P in Preference]: readonly Settings[P][] } = {
  theme: ['auto', 'dark', 'light', 'contrast'],
  glyphs: ['auto', 'unicode', 'ascii'],
  mouse: [true, false],
  motion: [true, false],
  left: [null, 35, 40, 45, 50, 55, 60, 65, 70],
};

export const openPreferences = (session: Session): Transition => show(session, { kind: 'settings', cursor: 0 });

type Sheet = Extract<Overlay, { kind: 'settings' }>;

export const movePreference = (session: Session, sheet: Sheet, by: 1 | -1): Transition => [
  { ...session, overlay: { ...sheet, cursor: clamp(sheet.cursor + by, preferences.length) } },
  [],
];

/** The next or previous value of the setting under the cursor; wraps around. It applies at once. */
export function changePreference(session: Session, { cursor }: Sheet, by: 1 | -1): Transition {
  const chosen = preferences[cursor];
  return chosen
    ? remember(session, [{ kind: 'settings', settings: stepped(session.learner.settings, chosen, by) }])
    : [session, []];
}

function stepped<P extends Preference>(settings: Settings, preference: P, by: 1 | -1): Partial<Settings> {
  const values: readonly Settings[P][] = choices[preference];
  const at = Math.max(values.indexOf(settings[preference]), 0); // a size set with < and > is not a listed value
  return { [preference]: values[(at + by + values.length) % values.length] };
}

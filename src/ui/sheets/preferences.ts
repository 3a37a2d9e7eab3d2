/** The settings sheet: one line for each setting, with an explanation below the one under the cursor. */
import { type Preference, preferences } from '../../session/overlays/preferences.ts';
import type { Session } from '../../session/session.ts';
import { columns } from '../../terminal/width.ts';
import { indented } from '../layout/fit.ts';
import type { Sheet } from '../layout/sheet.ts';
import { type Line, piece, touchable, wrap } from '../layout/wrap.ts';
import { messages } from '../messages.ts';

export function preferencesSheet(session: Session, cursor: number, width: number): Sheet {
  const names = preferences.map((one) => messages.settings.names[one]);
  const wide = Math.max(...names.map(columns)) + 2;
  const rows = preferences.map((one, at): readonly Line[] => {
    const isHere = at === cursor;
    const value = chosenIn(session, one);
    const name = piece(`${isHere ? '▸' : ' '} ${(names[at] ?? '').padEnd(wide)}`, isHere ? 'key' : 'text');
    const shown = isHere ? [piece(`◂ ${value} ▸`, 'chosen')] : [piece(`  ${value}`)];
    const about = isHere ? wrap([piece(aboutOf(session, one), 'detail')], Math.max(width - 4, 10)) : [];
    return touchable([[name, ...shown], ...indented(about, 4)], { row: at });
  });
  const lines = [...rows.flat(), [], ...wrap([piece(messages.settings.kept, 'detail')], width)];
  return { title: messages.settings.title, lines, whole: false, focus: rows.slice(0, cursor + 1).flat().length - 1 };
}

function chosenIn({ learner: { settings } }: Session, preference: Preference): string {
  const { theme, glyphs, mouse, motion, left } = messages.settings.values;
  switch (preference) {
    case 'theme':
      return theme[settings.theme];
    case 'glyphs':
      return glyphs[settings.glyphs];
    case 'mouse':
      return mouse[`${settings.mouse}`];
    case 'motion':
      return motion[`${settings.motion}`];
    case 'left':
      return left(settings.left);
  }
}

function aboutOf({ learner: { settings }, background }: Session, preference: Preference): string {
  const { about } = messages.settings;
  return preference === 'theme' && settings.theme === 'auto' ? about.auto(background) : about[preference];
}

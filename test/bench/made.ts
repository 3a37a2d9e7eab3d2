/** A session without a lab on a real screen, with update, frame, ink and keys as in the program. */
import { pictureOf } from '../../src/cli/screen/picture.ts';
import { applyChanges, emptyLearnerState } from '../../src/learner/progress.ts';
import type { Lesson } from '../../src/lesson/lesson.ts';
import type { SessionEvent } from '../../src/session/session.ts';
import { type Opening, openSession, update } from '../../src/session/update.ts';
import { keyIntent } from '../../src/ui/keys/table.ts';
import { frameMaker } from '../../src/ui/layout/frame.ts';
import { openInk } from '../../src/ui/screen.tsx';
import { createPainters } from '../../src/ui/theme.ts';
import { here } from '../session/fixture.ts';

const at = '2026-11-23T14:02:00.000Z';

/** Returns a function that dispatches events to the session. The screen is open until the process gets a signal. */
export function onScreen(lesson: Lesson, given: Pick<Opening, 'lessons' | 'plan'>): (event: SessionEvent) => void {
  const { columns, rows } = process.stdout;
  const learner = applyChanges(emptyLearnerState, [{ kind: 'settings', settings: { welcomed: at } }, here(lesson.id)]);
  let [session] = openSession({ ...given, about: '', readOnly: true, learner, at, columns, rows });
  const picture = pictureOf(
    frameMaker({ notes: [], root: false, planOf: () => [] }),
    createPainters({ LANG: 'C.UTF-8' }),
    false,
  );
  const dispatch = (event: SessionEvent) => {
    [session] = update(session, event);
    picture.show(session);
  };
  picture.show(session);
  const close = openInk(
    picture,
    (name) => {
      const intent = keyIntent(name, session, picture.frame().reach);
      if (intent) dispatch({ kind: 'intent', intent });
    },
    process,
  );
  process.once('SIGTERM', () => void close().then(() => process.exit()));
  return dispatch;
}

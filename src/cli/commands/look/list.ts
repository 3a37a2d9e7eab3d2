/** list: the lessons, and what is done. */
import { hideSecrets } from '../../../lab/secrets/secrets.ts';
import { lessonHere } from '../../../learner/progress.ts';
import { maskedJson } from '../../../postgres/mask/mask.ts';
import { flag, type Run } from '../../command.ts';
import { atMost, lookAtLab } from '../../opening/access.ts';
import { tellUnseen } from '../../opening/unseen.ts';
import { renderList } from '../../plain.ts';

export const listCommand: Run = async (invocation) => {
  atMost(invocation, 0, 'list [--json]');
  const looking = await lookAtLab(invocation);
  const { lessons, kept, file, unseen } = looking;
  tellUnseen(looking, invocation);
  if (!flag(invocation.options, 'json')) invocation.io.out(renderList(lessons, kept));
  else {
    const here = lessonHere(lessons, kept.progress).id;
    const rows = lessons.map((lesson) => ({
      number: lesson.number,
      id: lesson.id,
      title: lesson.words.title,
      minutes: lesson.minutes,
      here: lesson.id === here,
      tasks: lesson.tasks.map(({ id, kind }) => ({ id, kind, done: kept.progress.done[`${lesson.id}/${id}`] ?? null })),
    }));
    const shown = maskedJson({ schema: 1, lessons: rows, ...(unseen ? { unseen } : {}) });
    invocation.io.out(hideSecrets(shown, file.plan));
  }
  return 0;
};

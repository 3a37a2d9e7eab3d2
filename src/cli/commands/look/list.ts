/** list: prints the lessons and their progress. */
import { hideSecrets } from '../../../lab/secrets/secrets.ts';
import { lessonHere } from '../../../learner/progress.ts';
import { maskedJson } from '../../../postgres/mask/mask.ts';
import { flag, type Run } from '../../command.ts';
import { atMost, openToLook } from '../../opening/access.ts';
import { tellUnseen } from '../../opening/unseen.ts';
import { renderList } from '../../plain.ts';

export const listCommand: Run = async (invocation) => {
  atMost(invocation, 0, 'list [--json]');
  const opened = await openToLook(invocation);
  const { lessons, learner, file, unseen } = opened;
  tellUnseen(opened, invocation);
  if (!flag(invocation.options, 'json')) invocation.io.out(renderList(lessons, learner));
  else {
    const here = lessonHere(lessons, learner.progress).id;
    const rows = lessons.map((lesson) => ({
      number: lesson.number,
      id: lesson.id,
      title: lesson.words.title,
      minutes: lesson.minutes,
      here: lesson.id === here,
      tasks: lesson.tasks.map(({ id, kind }) => ({
        id,
        kind,
        done: learner.progress.done[`${lesson.id}/${id}`] ?? null,
      })),
    }));
    const shown = maskedJson({ schema: 1, lessons: rows, ...(unseen ? { unseen } : {}) });
    invocation.io.out(hideSecrets(shown, file.plan));
  }
  return 0;
};

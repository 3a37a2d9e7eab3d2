/** next: looks, keeps what is done, and goes on to the next lesson when the current one is complete. */
import { keepStart } from '../../../lab/state/starts.ts';
import { isFinished } from '../../../learner/judge.ts';
import { applyChanges, lessonHere } from '../../../learner/progress.ts';
import { openLearnerStore } from '../../../learner/store.ts';
import { messages } from '../../../ui/messages.ts';
import type { Run } from '../../command.ts';
import { atMost, openLab } from '../../opening/access.ts';
import { exitStatus, judge, lookAndKeep, plainOf } from '../../opening/evaluate.ts';
import { foldedFor, renderCheck, renderLesson, renderNext } from '../../plain.ts';

export const next: Run = async (invocation) => {
  atMost(invocation, 0, 'next');
  const { io } = invocation;
  const opened = await openLab(invocation);
  const { lessons, lab } = opened;
  const { seen, learner } = await lookAndKeep(opened);
  const lesson = lessonHere(lessons, learner.progress);
  const states = judge(opened, lesson, seen, learner);
  const plain = plainOf(opened, learner, invocation, seen.now);
  if (!states.every(isFinished)) {
    io.out(renderCheck(states, plain, foldedFor(learner)));
    io.out(renderNext(states, learner, plain));
    return exitStatus(states.filter((state) => !isFinished(state)));
  }
  const following = lessons[lessons.indexOf(lesson) + 1];
  if (!following) {
    io.out(messages.lastLesson);
    return 0;
  }
  const at = new Date().toISOString();
  const moved = await openLearnerStore(lab.dir).change((now) =>
    applyChanges(now, [{ kind: 'here', lesson: following.id, at }]),
  );
  await keepStart(lab.dir, following.id, seen.now, lab.plan);
  io.out(renderLesson(following, judge(opened, following, seen, moved), moved, plain));
  return 0;
};

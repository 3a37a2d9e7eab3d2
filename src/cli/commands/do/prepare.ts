/** prepare: makes the states of all lessons that the user's cache lacks, and the spare of this lab. */
import { availableParallelism, loadavg } from 'node:os';
import { incomplete } from '../../../lab/backup/backup-folder.ts';
import { sizeWords } from '../../../lab/files/disk-usage.ts';
import { type LabFile, readLab } from '../../../lab/folder.ts';
import type { Lab } from '../../../lab/lab.ts';
import { binariesOf } from '../../../lab/lab-binaries.ts';
import { isHolder, takeLock } from '../../../lab/lock/lock.ts';
import { withOperationLock } from '../../../lab/lock/operation-lock.ts';
import type { LabPlan } from '../../../lab/plan/plan.ts';
import { type Cache, cacheFolder, listPrepared, openCache } from '../../../lab/prepared/cache.ts';
import type { Secrets } from '../../../lab/secrets/secrets.ts';
import type { OpenedLab } from '../../../learner/opened-lab.ts';
import { areAllPrepared, findState, prepareStates } from '../../../learner/operations/prepared-states.ts';
import { removeRetired } from '../../../learner/operations/recover.ts';
import { lessonHere } from '../../../learner/progress.ts';
import type { Lesson } from '../../../lesson/lesson.ts';
import { messages } from '../../../ui/messages.ts';
import { flag, type Invocation, type Run } from '../../command.ts';
import { atMost, openToLook, openWhole, wishOf } from '../../opening/access.ts';
import { reach } from '../../opening/engines.ts';
import { needImage } from '../../opening/image.ts';
import { temporaryDockerLab, temporaryLab } from '../../opening/temporary-lab.ts';

const words = messages.prepare;

export const prepare: Run = async (invocation) => {
  atMost(invocation, 0, 'prepare');
  const { io, options } = invocation;
  const inBackground = flag(options, 'background');
  if (inBackground && (loadavg()[0] ?? 0) > availableParallelism()) return 0; // the machine has other work
  // In the background nothing else may happen to the lab, which may have been removed meanwhile.
  if (inBackground && !readLab(invocation.dir)) return 0;
  const opened = await (inBackground ? openToLook : openWhole)(invocation);
  const { lab } = opened;
  if (incomplete(lab.dir).length > 0) await withOperationLock(lab.dir, () => removeRetired(lab));
  const cache = openCache(cacheFolder(io.env));
  if (!lab.prepared || !cache) {
    io.err(lab.prepared ? words.noCache : words.notHere);
    return 3;
  }
  const lock = takeLock(cache.folder, 'deed');
  if (isHolder(lock)) {
    io.out(words.atWork(lock.pid));
    return 0;
  }
  using _lock = lock;
  if (!inBackground) await needImage(invocation, lab);
  // Containers that nobody has asked for would be in the learner's `docker ps`: in the background none are made.
  const mayFill = !inBackground || lab.plan.engine === 'native';
  const isToFill = mayFill && !(await areAllPrepared(lab, opened.lessons, cache));
  if (isToFill && !(await fill(invocation, opened, cache))) {
    io.err(words.stopped);
    return 3;
  }
  await renewSpare(opened, cache);
  const all = listPrepared(cache.folder);
  io.out(words.ready(all.length, sizeWords(all.reduce((sum, { state }) => sum + state.bytes, 0)), cache.folder));
  return 0;
};

/** Resolves with false when the learner stopped it; the states that are complete stay. */
async function fill(invocation: Invocation, { file, lessons }: OpenedLab, cache: Cache): Promise<boolean> {
  const { io, signal } = invocation;
  await using temporary = await openTemporary(invocation, file);
  const onLesson = ({ number, words: { title } }: Lesson) => io.out(words.lesson(number, title));
  try {
    await prepareStates(temporary, lessons, cache, onLesson, signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

/** An empty lab that differs from this one in nothing that a state contains. */
async function openTemporary(invocation: Invocation, file: LabFile): Promise<Lab> {
  const { program } = invocation;
  const { plan } = file;
  const wish = { major: plan.major, secrets: secretsFrom(plan) };
  if (plan.docker) {
    const { network: _, ...docker } = plan.docker;
    return temporaryDockerLab({ ...wish, docker: { ...docker, prefix: '' } }, await reach(invocation), program);
  }
  const { bindir } = await binariesOf(file, wishOf(invocation));
  return temporaryLab({ ...wish, bindir }, program);
}

const secretsFrom = ({ servers, replication }: LabPlan): Secrets => ({
  servers: Object.fromEntries(servers.map(({ name, password }) => [name, password])),
  replication: replication.password,
});

/** The state that a reset of the current lesson puts into the lab; none for a lab without servers. */
async function renewSpare({ lab, lessons, learner }: OpenedLab, cache: Cache): Promise<void> {
  const here = lessonHere(lessons, learner.progress);
  const cached = await findState(
    lab,
    lessons.filter(({ number }) => number < here.number),
    cache.folder,
  );
  const { servers } = await lab.observe();
  const hasServers = Object.values(servers).some(({ process }) => process.state !== 'absent');
  if (!cached || !hasServers || !lab.prepared || lab.prepared.spareKey() === cached.state.key) return;
  await lab.prepared.makeSpare(cached, (exchange) => withOperationLock(lab.dir, exchange));
}

/** `doctor --fix`: closes what other users of this machine get into the lab by. The plan first, then the question, then one line a change. */
import { chmodSync } from 'node:fs';
import { type ClosingChange, changeWords, closing } from '../../../lab/exposure/closing.ts';
import { type ExposureFacts, exposures } from '../../../lab/exposure/exposure.ts';
import { factsOfLook } from '../../../lab/exposure/facts.ts';
import { changePasswords, withOwnPasswords } from '../../../lab/exposure/passwords.ts';
import { readLab, saveLab } from '../../../lab/folder.ts';
import type { Lab } from '../../../lab/lab.ts';
import { withOperationLock } from '../../../lab/lock/operation-lock.ts';
import { ProblemError } from '../../../lab/problem.ts';
import { userSecrets } from '../../../lab/secrets/kept.ts';
import { cannotWrite } from '../../../lab/store/store.ts';
import { refuseOthers } from '../../../lab/trust/others.ts';
import { messages } from '../../../ui/messages.ts';
import type { Invocation } from '../../command.ts';
import { askConfirmation } from '../../confirm.ts';
import { openLab, openToLook } from '../../opening/access.ts';

/** 0: nobody else gets in now; 3: something is left that only the learner can change. */
export async function fix(invocation: Invocation): Promise<number> {
  const { dir, io } = invocation;
  refuseOthers(invocation.named);
  if (!readLab(dir))
    throw new ProblemError({ what: `There is no lab in ${dir} yet.`, fix: 'Name it with --lab DIR.' }, 2);
  const facts = await factsOf((await openToLook(invocation)).lab);
  const changes = closing(facts);
  if (changes.length === 0) return sayWhatIsLeft(facts, invocation);
  const plan = changes.map((change) => changeWords(change, dir));
  if (!(await askConfirmation(invocation, plan))) return 0;
  await withOperationLock(dir, async () => changes.forEach((change) => void closeEntry(change, invocation)));
  const { lab } = await openLab(invocation); // lets root's servers pass again
  await using asked = await started(lab, changes);
  await withOperationLock(dir, () => giveOwnPasswords(lab, invocation));
  const after = await factsOf((await openLab(invocation)).lab);
  if (asked.servers.length > 0) io.out(messages.exposed.stopsAgain(asked.servers));
  return sayWhatIsLeft(after, invocation);
}

const factsOf = async (lab: Lab): Promise<ExposureFacts> => factsOfLook(lab, await lab.observe());

function closeEntry(change: ClosingChange, { io, dir }: Invocation): void {
  if (change.do !== 'close') return;
  try {
    chmodSync(change.path, change.to);
  } catch (error) {
    throw cannotWrite(change.path, error as NodeJS.ErrnoException);
  }
  io.out(messages.exposed.changed(changeWords(change, dir)));
}

/** Servers that did not run, started so that they can be asked; stopped again when it is disposed of. */
async function started(lab: Lab, changes: readonly ClosingChange[]) {
  const servers = changes.flatMap((change) => (change.do === 'ask' ? change.servers : []));
  const stop = async () => {
    for (const name of servers) await lab.server(name).stop('fast');
  };
  try {
    for (const name of servers) await lab.server(name).start();
    const still = (await factsOf(lab)).silent.filter((name) => servers.includes(name));
    if (still.length > 0) throw new ProblemError(messages.exposed.doesNotStart(still));
  } catch (error) {
    await stop();
    throw error;
  }
  return { servers, [Symbol.asyncDispose]: stop };
}

async function giveOwnPasswords(lab: Lab, { io, dir }: Invocation): Promise<void> {
  const facts = await factsOf(lab);
  const changes = closing(facts).filter(
    ({ do: what }) => what === 'superuser' || what === 'replication' || what === 'plan',
  );
  const file = readLab(dir);
  if (changes.length === 0 || !file) return;
  const { secrets, says } = userSecrets();
  for (const line of says) io.err(line);
  const plan = withOwnPasswords(file.plan, secrets);
  await changePasswords(lab, plan, facts);
  saveLab(dir, { ...file, plan });
  for (const change of changes) io.out(messages.exposed.changed(changeWords(change, dir)));
  io.out(messages.exposed.shells);
}

function sayWhatIsLeft(facts: ExposureFacts, { io }: Invocation): number {
  const left = exposures(facts);
  for (const { what: says, byHand } of left) io.out(byHand ? `${says}\n  → ${byHand}` : says);
  if (left.length === 0) io.out(messages.exposed.nobody(facts.silent));
  return left.length === 0 ? 0 : 3;
}

/**
 * `doctor --fix`: closes what lets other users of this machine into the lab, and removes what programs of the workshop
 * have left on it. It prints the plan, asks for confirmation, and prints one line for each change.
 */
import { chmodSync } from 'node:fs';
import { type ClosingChange, changeWords, closing } from '../../../lab/exposure/closing.ts';
import { type ExposureFacts, exposures } from '../../../lab/exposure/exposure.ts';
import { factsOfLook } from '../../../lab/exposure/facts.ts';
import { changePasswords, withOwnPasswords } from '../../../lab/exposure/passwords.ts';
import { readLab, saveLab } from '../../../lab/folder.ts';
import type { Lab } from '../../../lab/lab.ts';
import { withOperationLock } from '../../../lab/lock/operation-lock.ts';
import { ProblemError } from '../../../lab/problem.ts';
import { stopAll } from '../../../lab/running.ts';
import { userSecrets } from '../../../lab/secrets/kept.ts';
import { cannotWrite } from '../../../lab/store/store.ts';
import { findTidyings, type Tidying, tidy, tidyWords } from '../../../lab/tidy/tidy.ts';
import { refuseOthers } from '../../../lab/trust/others.ts';
import { messages } from '../../../ui/messages.ts';
import type { Invocation } from '../../command.ts';
import { askConfirmation } from '../../confirm.ts';
import { tidyPlaces } from '../../doctor-disk.ts';
import { openLab, openToLook } from '../../opening/access.ts';

/**
 * Resolves with 0 when all is done and no other user can get in any more, and with 3 when something is left that only
 * the learner can change.
 */
export async function fix(invocation: Invocation): Promise<number> {
  const { dir, io } = invocation;
  refuseOthers(invocation.named);
  const facts = readLab(dir) && (await factsOf((await openToLook(invocation)).lab));
  const changes = facts ? closing(facts) : [];
  const tidyings = findTidyings(tidyPlaces(invocation));
  if (changes.length + tidyings.length === 0) {
    if (facts) return reportRemaining(facts, invocation);
    io.out(messages.tidy.nothing);
    return 0;
  }
  const plan = [...changes.map((change) => changeWords(change, dir)), ...tidyings.map(tidyWords)];
  if (!(await askConfirmation(invocation, plan))) return 0;
  if (facts) await close(invocation, changes);
  await tidyAll(invocation, tidyings, facts && (await openLab(invocation)).lab);
  return facts ? reportRemaining(await factsOf((await openToLook(invocation)).lab), invocation) : 0;
}

async function close(invocation: Invocation, changes: readonly ClosingChange[]): Promise<void> {
  const { dir, io } = invocation;
  if (changes.length === 0) return;
  await withOperationLock(dir, async () => changes.forEach((change) => void closeEntry(change, invocation)));
  const { lab } = await openLab(invocation); // where root runs us, this lets the servers' user into its folders again
  await using started = await startSilentServers(lab, changes);
  await withOperationLock(dir, () => giveOwnPasswords(lab, invocation));
  if (started.servers.length > 0) io.out(messages.exposed.stopsAgain(started.servers));
}

async function tidyAll({ io, dir }: Invocation, all: readonly Tidying[], lab: Lab | undefined): Promise<void> {
  const tidyOne = async (one: Tidying) => {
    await tidy(one, lab);
    io.out(messages.exposed.changed(tidyWords(one)));
  };
  const inTurn = async () => {
    for (const one of all) await tidyOne(one);
  };
  if (all.length > 0) await (lab ? withOperationLock(dir, inTurn) : inTurn());
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

/** Starts servers that must answer which passwords they have. Disposing of the result stops them again. */
async function startSilentServers(lab: Lab, changes: readonly ClosingChange[]) {
  const servers = changes.flatMap((change) => (change.do === 'ask' ? change.servers : []));
  const stop = () => stopAll(servers.map((name) => lab.server(name)));
  try {
    for (const name of servers) await lab.server(name).start();
    const silent = (await factsOf(lab)).silent.filter((name) => servers.includes(name));
    if (silent.length > 0) throw new ProblemError(messages.exposed.doesNotStart(silent));
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
  const { secrets, says: warnings } = userSecrets();
  for (const line of warnings) io.err(line);
  const plan = withOwnPasswords(file.plan, secrets);
  await changePasswords(lab, plan, facts);
  saveLab(dir, { ...file, plan });
  for (const change of changes) io.out(messages.exposed.changed(changeWords(change, dir)));
  io.out(messages.exposed.shells);
}

function reportRemaining(facts: ExposureFacts, { io }: Invocation): number {
  const left = exposures(facts);
  for (const { what, byHand } of left) io.out(byHand ? `${what}\n  → ${byHand}` : what);
  if (left.length === 0) io.out(messages.exposed.nobody(facts.silent));
  return left.length === 0 ? 0 : 3;
}

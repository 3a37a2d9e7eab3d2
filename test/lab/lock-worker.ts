/**
 * One of several processes that take a lock repeatedly. Some takes leave the lock as a killed process would. Run by
 * lock.test.ts.
 */
import { readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isHolder, takeLock } from '../../src/lab/lock/lock.ts';
import { isRunning } from '../../src/lab/native/server/postmaster.ts';

const [dir = '', takes = '0', ms = '0', dead = '0', share = '0'] = process.argv.slice(2);
const end = performance.now() + Number(ms);
const witness = join(dir, 'witness');
let [taken, heldTwice] = [0, 0];

while (taken < Number(takes) && performance.now() < end) {
  const lock = takeLock(dir, 'deed');
  if (isHolder(lock)) continue;
  taken++;
  enter();
  rmSync(witness, { force: true });
  if (Math.random() < Number(share)) abandon();
  else lock[Symbol.dispose]();
}
process.stdout.write(`${JSON.stringify({ taken, heldTwice })}\n`);

/** Makes a link that exists only while this process holds the lock. A killed process leaves its link. */
function enter(): void {
  try {
    symlinkSync(String(process.pid), witness);
  } catch {
    if (isRunning(Number(readlinkSync(witness)))) heldTwice++; // a zombie does not hold the lock
    rmSync(witness, { force: true });
  }
}

/** Leaves a lock whose holder is a process that has ended. */
function abandon(): void {
  const path = join(dir, '.deed.lock');
  const aside = join(dir, `aside-${process.pid}`);
  symlinkSync(readlinkSync(path).replace(/^\d+/, dead), aside);
  renameSync(aside, path);
}

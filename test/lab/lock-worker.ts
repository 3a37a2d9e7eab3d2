/** One of several processes that take a lock again and again; some takes are left as by a process that was killed. Run by lock.test.ts. */
import { readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isHolder, takeLock } from '../../src/lab/lock/lock.ts';
import { isRunning } from '../../src/lab/native/server/postmaster.ts';

const [dir = '', takes = '0', dead = '0', share = '0'] = process.argv.slice(2);
const witness = join(dir, 'witness');
let [taken, heldTwice] = [0, 0];

while (taken < Number(takes)) {
  const lock = takeLock(dir, 'deed');
  if (isHolder(lock)) continue;
  taken++;
  enter();
  rmSync(witness, { force: true });
  if (Math.random() < Number(share)) abandon();
  else lock[Symbol.dispose]();
}
process.stdout.write(`${JSON.stringify({ taken, heldTwice })}\n`);

/** The link is there only between here and the removal, made whole by whoever holds the lock; the killed leave it. */
function enter(): void {
  try {
    symlinkSync(String(process.pid), witness);
  } catch {
    if (isRunning(Number(readlinkSync(witness)))) heldTwice++; // one that has ended and is not fetched yet holds nothing
    rmSync(witness, { force: true });
  }
}

/** The lock stays, and its holder is a process that has ended. */
function abandon(): void {
  const path = join(dir, '.deed.lock');
  const aside = join(dir, `aside-${process.pid}`);
  symlinkSync(readlinkSync(path).replace(/^\d+/, dead), aside);
  renameSync(aside, path);
}

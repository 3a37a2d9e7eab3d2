/** \e: opens the pending text, or the last statement, in the learner's editor, and sends what was saved. */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchFolder } from '../../../lab/machine/scratch.ts';
import { type Shell, type StatementOutcome, send, writeError } from '../shell.ts';

export async function edit(shell: Shell, { pending }: { readonly pending: string }): Promise<StatementOutcome> {
  const folder = scratchFolder();
  const file = join(folder, 'statement.sql');
  const before = pending || shell.lastQuery;
  try {
    writeFileSync(file, before === '' ? '' : `${before.trimEnd()}\n`, { mode: 0o600 });
    if (!runEditor(shell, file)) {
      writeError(shell, 'the editor could not be started; PSQL_EDITOR or EDITOR names another\n');
      return 'error';
    }
    const text = readFileSync(file, 'utf8').trim();
    if (text === '') return 'ok';
    shell.io.output.write(`${text}\n`);
    return await send(shell, text);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs the editor through a shell, as psql does: the variable may contain options and quotes. The call blocks, so that
 * nothing else reads the terminal meanwhile.
 */
function runEditor({ io: { env, input } }: Shell, file: string): boolean {
  const editor = env.PSQL_EDITOR || env.EDITOR || env.VISUAL || 'vi';
  const terminal = input as NodeJS.ReadStream;
  const raw = terminal.isRaw === true;
  if (raw) terminal.setRawMode(false);
  const { status } = spawnSync('sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit', env: { ...env } });
  if (raw) terminal.setRawMode(true);
  return status === 0;
}

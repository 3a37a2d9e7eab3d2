/** \c, and the way back after a lost connection. */

import { ConnectError } from '../connect-error.ts';
import { login } from '../login.ts';
import type { PgSession } from '../session.ts';
import { isConninfo, readConninfo, type Target, TargetError, target } from '../target.ts';
import { type Shell, type StatementOutcome, writeError, writeNotice, writeOut } from './shell.ts';

export const connectedTo = ({ host, port, user, database, params }: Target, address: string | undefined): string => {
  const who = `database "${database}" as user "${user}"`;
  if (address === undefined) return `${who} via socket in "${host}" at port "${port}"`;
  const named = params.host && params.host !== address ? `"${params.host}" (address "${address}")` : `"${address}"`;
  return `${who} on host ${named} at port "${port}"`;
};

/** \c with `database user host port`, each left out or `-` to keep it, or with a connection string. */
export async function reconnect(shell: Shell, words: readonly string[]): Promise<StatementOutcome> {
  const old = shell.target;
  try {
    const next = nextTarget(shell, words);
    const session = await connectShell(shell, next);
    await shell.session?.[Symbol.asyncDispose]();
    adopt(shell, session);
    const moved = next.host !== old.host || next.port !== old.port;
    const where = moved ? connectedTo(next, session.address) : `database "${next.database}" as user "${next.user}"`;
    if (!shell.quiet) shell.io.output.write(`You are now connected to ${where}.\n`);
    return 'ok';
  } catch (error) {
    if (!(error instanceof ConnectError || error instanceof TargetError)) throw error;
    if (shell.interactive) writeError(shell, `${error.message}\n${shell.session ? 'Previous connection kept\n' : ''}`);
    else writeError(shell, `\\connect: ${error.message}\n`);
    return shell.interactive ? 'error' : 'lost';
  }
}

/** Connects for this shell, asking for a password where one is wanted. Throws ConnectError. */
export const connectShell = (shell: Shell, wanted: Target): Promise<PgSession> =>
  login(shell.io, wanted, { asking: shell.asking, prompt: `Password for user ${wanted.user}: ` }, (notice) =>
    writeNotice(shell, notice),
  );

function adopt(shell: Shell, session: PgSession): void {
  shell.session = session;
  shell.target = session.target;
}

/** What is not named stays as it was; the password too, as long as it goes to the same server as the same user. */
function nextTarget(shell: Shell, words: readonly string[]): Target {
  const [dbname = '', user = '', host = '', port = ''] = words.map((word) =>
    word.replace(/^-$/, '').replace(/^"(.*)"$/, '$1'),
  );
  const named = Object.entries(isConninfo(dbname) ? readConninfo(dbname) : { dbname, user, host, port });
  const wanted: Readonly<Record<string, string>> = Object.fromEntries(named.filter(([, value]) => value));
  const old = shell.target;
  const kept = { host: old.host, port: String(old.port), user: old.user, dbname: old.database };
  const samePerson = (['host', 'port', 'user'] as const).every((key) => !wanted[key] || wanted[key] === kept[key]);
  return target(shell.io, wanted, samePerson && old.password ? { ...kept, password: old.password } : kept, {
    application_name: 'psql',
  });
}

/** Once; a shell without a connection keeps its prompt, and says how to go on. */
export async function connectAgain(shell: Shell): Promise<void> {
  shell.io.error.write('The connection to the server was lost. Attempting reset: ');
  try {
    shell.session = await login(shell.io, shell.target, { asking: 'never', prompt: '' }, (notice) =>
      writeNotice(shell, notice),
    );
    shell.io.error.write('Succeeded.\n');
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    shell.session = undefined;
    shell.io.error.write('Failed.\n');
    writeOut(shell, `${error.message}\nThe server does not answer. \\c connects again, \\q leaves.\n`);
  }
}

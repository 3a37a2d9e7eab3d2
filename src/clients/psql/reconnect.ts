/** \c, and the reconnection after a lost connection. */
import { ConnectError } from '../connect-error.ts';
import { login } from '../login.ts';
import type { PgSession } from '../session.ts';
import { isConninfo, readConninfo, type Target, TargetError, target } from '../target.ts';
import { type Shell, type StatementOutcome, writeError, writeNotice, writeOut } from './shell.ts';

export const connectedTo = ({ host, port, user, database, params }: Target, address: string | undefined): string => {
  const databaseAndUser = `database "${database}" as user "${user}"`;
  if (address === undefined) return `${databaseAndUser} via socket in "${host}" at port "${port}"`;
  const named = params.host && params.host !== address ? `"${params.host}" (address "${address}")` : `"${address}"`;
  return `${databaseAndUser} on host ${named} at port "${port}"`;
};

/**
 * Performs \c with `database user host port`, or with a connection string. A word that is left out or `-` keeps its
 * value.
 */
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

/** Connects for this psql, and asks for a password where one is needed. Rejects with a ConnectError. */
export const connectShell = (shell: Shell, wanted: Target): Promise<PgSession> =>
  login(shell.io, wanted, { asking: shell.asking, prompt: `Password for user ${wanted.user}: ` }, (notice) =>
    writeNotice(shell, notice),
  );

function adopt(shell: Shell, session: PgSession): void {
  shell.session = session;
  shell.target = session.target;
}

/** Parameters that are not named keep their values. The password is kept only for the same server, port and user. */
function nextTarget(shell: Shell, words: readonly string[]): Target {
  const [dbname = '', user = '', host = '', port = ''] = words.map((word) =>
    word.replace(/^-$/, '').replace(/^"(.*)"$/, '$1'),
  );
  const named = Object.entries(isConninfo(dbname) ? readConninfo(dbname) : { dbname, user, host, port });
  const wanted: Readonly<Record<string, string>> = Object.fromEntries(named.filter(([, value]) => value));
  const old = shell.target;
  const kept = { host: old.host, port: String(old.port), user: old.user, dbname: old.database };
  const sameLogin = (['host', 'port', 'user'] as const).every((key) => !wanted[key] || wanted[key] === kept[key]);
  return target(shell.io, wanted, sameLogin && old.password ? { ...kept, password: old.password } : kept, {
    application_name: 'psql',
  });
}

/** Tries to reconnect once. Without a connection psql keeps its prompt, and prints how to connect again. */
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

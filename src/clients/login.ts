/** Connects, and asks for the password on a terminal where the server wants one and none is known. */
import { ConnectError } from './connect-error.ts';
import type { ServerMessage } from './message.ts';
import { askPassword, type ConsoleIo } from './psql/console.ts';
import { openPgSession, type PgSession } from './session.ts';
import type { Target } from './target.ts';

export type Asking = 'never' | 'needed' | 'always'; // options -w, none, -W

/** Rejects with a ConnectError. */
export async function login(
  io: ConsoleIo,
  target: Target,
  { asking, prompt }: { readonly asking: Asking; readonly prompt: string },
  onNotice: (notice: ServerMessage) => void,
): Promise<PgSession> {
  if (asking === 'always' && io.terminal)
    return openPgSession({ ...target, password: await askPassword(io, prompt) }, onNotice);
  try {
    return await openPgSession(target, onNotice);
  } catch (error) {
    if (!(error instanceof ConnectError) || !error.needsPassword || asking === 'never' || !io.terminal) throw error;
    const password = await askPassword(io, prompt);
    if (password === undefined) throw error;
    return openPgSession({ ...target, password }, onNotice);
  }
}

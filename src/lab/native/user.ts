/**
 * As whom servers run. PostgreSQL refuses root (server-start in the documentation), so root's servers run in a user namespace in which root's
 * own files belong to `nobody`; where namespaces are forbidden, as `nobody` itself, and data directories are given to it.
 */

import { ProblemError } from '../problem.ts';
import { run } from '../run.ts';

export type ServerUser = {
  readonly prefix: readonly string[]; // put before every initdb, pg_ctl and postgres
  readonly owner: { readonly uid: number; readonly gid: number } | null; // null: files stay with whoever runs the workshop
  readonly says: string | null; // said once to the learner
};

const nobody = 65534;
const ways: readonly ServerUser[] = [
  {
    prefix: ['unshare', '--user', `--map-user=${nobody}`, `--map-group=${nobody}`],
    owner: null,
    says: 'PostgreSQL refuses to run as root, so your servers run as "nobody" in a user namespace; the files stay yours.',
  },
  {
    prefix: ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'],
    owner: { uid: nobody, gid: nobody },
    says: 'PostgreSQL refuses to run as root, so your servers run as "nobody", and the data directories belong to it.',
  },
];

export async function serverUser(uid: number | undefined): Promise<ServerUser> {
  if (uid !== 0) return { prefix: [], owner: null, says: null };
  for (const way of ways) {
    const [command = '', ...args] = [...way.prefix, 'true'];
    const tried = await run({ command, args }).catch((error: Error) => error);
    if (!(tried instanceof Error) && tried.status === 0) return way;
  }
  throw new ProblemError({
    what: 'PostgreSQL refuses to run as root, and this machine offers neither user namespaces (unshare) nor setpriv to start it as somebody else.',
    fix: 'Run the workshop as an ordinary user.',
  });
}

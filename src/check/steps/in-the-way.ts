/**
 * What keeps commands from their end, whatever the task at hand is about: processes that are held, catalogues that an
 * open transaction keeps locked, and sessions that may not write.
 */
import type { ServerView, Sql } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import type { Location, Step } from '../verdict.ts';
import { inFile, processPlace } from '../view.ts';
import { commentOut } from './file-lines.ts';

export type InTheWay = { readonly what: string; readonly at: Location; readonly next: readonly Step[] };

export const inTheWay = (view: ServerView): readonly InTheWay[] => [
  ...heldProcesses(view),
  ...lockedCatalogs(view),
  ...readOnly(view),
];

/** One for each child of the server that SIGSTOP holds. */
export function heldProcesses(view: ServerView): readonly (InTheWay & { readonly child: string })[] {
  const { held = [] } = view.process;
  return held.map(({ pid, name }) => ({
    child: name,
    what: `the ${name} of ${view.name} (process ${pid}) is there, but it is held: somebody sent it SIGSTOP`,
    at: processPlace(view),
    next: [{ do: 'unfreeze', on: view.name, pid }],
  }));
}

function lockedCatalogs({ name, sql }: ServerView): readonly InTheWay[] {
  if (isProblem(sql)) return [];
  const locks = sql.catalogLocks ?? [];
  return [...new Set(locks.map(({ pid }) => pid))].map((pid) => {
    const own = locks.filter((lock) => lock.pid === pid);
    return {
      what: `on ${name} the session ${pid} keeps ${own.map(({ catalog }) => catalog).join(', ')} locked in a transaction that stays open: whoever changes what is in there waits`,
      at: { server: name, view: 'pg_locks', row: { pid, mode: own[0]?.mode ?? null } },
      next: [{ do: 'sql', on: name, text: `SELECT pg_terminate_backend(${pid})` }],
    };
  });
}

/** The superuser of the lessons writes in his own database and in `master`. */
function readOnly(view: ServerView): readonly InTheWay[] {
  const { name, sql } = view;
  if (isProblem(sql) || sql.inRecovery) return [];
  const own = (sql.readOnly ?? []).filter(
    ({ role, database }) => [null, 'postgres'].includes(role) && [null, 'postgres', 'master'].includes(database),
  );
  return [...own.map((one) => setAside(name, one)), ...inFiles(view, sql)];
}

function setAside(
  name: string,
  { role, database }: { readonly role: string | null; readonly database: string | null },
): InTheWay {
  const scope = role !== null && database !== null ? ` IN DATABASE ${database}` : '';
  const whose = role !== null ? `ROLE ${role}${scope}` : database !== null ? `DATABASE ${database}` : 'ROLE ALL';
  return {
    what: `on ${name} sessions may only read: default_transaction_read_only was set for ${whose}`,
    at: { server: name, view: 'pg_db_role_setting', row: { role, database } },
    next: [
      { do: 'sql', on: name, text: `BEGIN READ WRITE; ALTER ${whose} RESET default_transaction_read_only; COMMIT` },
    ],
  };
}

function inFiles(view: ServerView, { settings }: Sql): readonly InTheWay[] {
  const { value, file, line } = settings.default_transaction_read_only ?? {};
  if (value !== 'on' || !file || !line) return [];
  return [
    {
      what: `on ${view.name} sessions may only read: default_transaction_read_only = on, line ${line} of ${file}`,
      at: inFile(view.name, file, line),
      next: [...commentOut(view, file, line), { do: 'reload', on: view.name }],
    },
  ];
}

/** A server of the plan whose data directory lies outside of the lab: it is looked at, and every deed is refused. */
import type { NativeServer } from './server.ts';

const deeds = [
  'connection',
  'create',
  'start',
  'stop',
  'kill',
  'reload',
  'promote',
  'remove',
  'putAside',
  'copyFrom',
  'sql',
  'begin',
  'writeFile',
  'deleteFile',
] as const satisfies readonly (keyof NativeServer)[];

/** `refuse` throws a ProblemError while the folder lies outside. It is asked before each deed: a link comes and goes. */
export function ownOnly(server: NativeServer, refuse: () => void): NativeServer {
  const guarded = deeds.map((name) => {
    const deed = server[name] as (...args: readonly unknown[]) => Promise<unknown>;
    return [
      name,
      async (...args: readonly unknown[]) => {
        refuse();
        return deed(...args);
      },
    ] as const;
  });
  return { ...server, ...(Object.fromEntries(guarded) as Partial<NativeServer>) };
}

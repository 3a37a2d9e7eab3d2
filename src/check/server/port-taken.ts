/** Words for a server that could not listen on its port: which port, who asked for it, and what to do. */
import type { Disk, ServerView } from '../../lab/observation.ts';
import { written } from '../setting/settings.ts';
import type { Step } from '../verdict.ts';
import { plannedPort } from '../view.ts';

type Words = { readonly seen: string; readonly why: string; readonly next: readonly Step[] };

/** Reads the port from the log, because a start can ask for another one than the files do (pg_ctl -o "-p 5432"). */
export function portTaken(view: ServerView, disk: Disk): Words {
  const { name, log } = view;
  const line = written(disk, 'port').at(-1);
  const inFiles = line ? Number(line.value) : 5432;
  const bind = log.records.findLast(({ hint }) => /postmaster already running on port \d+/.test(hint ?? ''));
  const asked = Number(/port (\d+)/.exec(bind?.hint ?? '')?.[1] ?? inFiles);
  const planned = plannedPort(view);
  const seen = `${name} could not have port ${asked}: another program listens there`;
  const start: Step = { do: 'start', on: name };
  if (planned !== undefined && inFiles !== planned) {
    const place = line ? { file: line.path, line: line.line } : { file: `${disk.path}/postgresql.conf` };
    return {
      seen,
      why: `one port, one program; in this lab ${name} has port ${planned}. A fresh clone still has the port of the server that was cloned`,
      next: [{ do: 'edit', on: name, ...place, text: `port = ${planned}` }, start],
    };
  }
  if (asked !== inFiles)
    return { seen, why: `its files say port ${inFiles}; the start itself asked for ${asked}`, next: [start] };
  return {
    seen,
    why: 'one port, one program: the one that came first has it',
    next: [
      { do: 'say', text: `find that program and stop it: lsof -i :${asked}, or ss -ltnp` },
      start,
      {
        do: 'say',
        or: true,
        text: 'leave it alone and make another lab, which takes free ports: repl-workshop --lab <folder>',
      },
    ],
  };
}

/**
 * Makes calls to a lab, one after another, in its own process. Arguments: DOCKER_HOST, the lab's folder, and its plan.
 * The calls are JSON on stdin. Prints one line of JSON with the result of each.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { reachDocker } from '../../src/lab/docker/connect/reach.ts';
import { openDockerLab } from '../../src/lab/docker/lab.ts';
import type { LabPlan } from '../../src/lab/plan/plan.ts';

/** A call of the lab, or of one of its servers. */
export type Deed =
  | { readonly call: string; readonly on?: string; readonly args?: readonly unknown[] }
  /** The editor saves this text, or removes the file when it is null. The result is the text that the editor found. */
  | { readonly edit: string; readonly on: string; readonly saves: string | null }
  /** Watches until this number of events. */
  | { readonly watch: number };
export type Came = { readonly value?: unknown; readonly error?: string };

const [host = '', dir = '', plan = ''] = process.argv.slice(2);
const reached = await reachDocker({ ...process.env, DOCKER_HOST: host });
if (!('docker' in reached)) throw new Error(reached.problem.what);
const program = { node: process.execPath, script: '' };
const lab = openDockerLab(dir, JSON.parse(plan) as LabPlan, reached, program, () => []);
const came: Came[] = [];
for (const deed of JSON.parse(readFileSync(0, 'utf8')) as readonly Deed[])
  came.push(
    await doIt(deed).then(
      (value) => ({ value }),
      (error: Error) => ({ error: `${error.name}: ${error.message}` }),
    ),
  );
console.log(JSON.stringify(came));

async function doIt(deed: Deed): Promise<unknown> {
  if ('watch' in deed) return watched(deed.watch);
  if ('edit' in deed) return edited(deed.on, deed.edit, deed.saves);
  const on = (deed.on === undefined ? lab : lab.server(deed.on)) as unknown as Record<
    string,
    (...args: unknown[]) => unknown
  >;
  return on[deed.call]?.(...(deed.args ?? []));
}

async function edited(server: string, file: string, saves: string | null): Promise<unknown> {
  const opened = await lab.openFile(server, file);
  const sees = readFileSync(opened.path, 'utf8');
  if (saves === null) writeFileSync(`${opened.path}~`, sees);
  else writeFileSync(opened.path, saves);
  await opened.done();
  return { sees, path: opened.path };
}

async function watched(events: number): Promise<unknown> {
  const ending = new AbortController();
  let seen = 0;
  for await (const _ of lab.watch(ending.signal)) if (++seen >= events) ending.abort();
  return seen;
}

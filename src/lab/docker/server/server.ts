/** One PostgreSQL server of a Docker lab: its container and sessions. Its file operations are in server-files.ts. */
import type { Server, StopHow } from '../../lab.ts';
import { until } from '../../machine/until.ts';
import type { ServerPlan } from '../../plan/plan.ts';
import { ProblemError } from '../../problem.ts';
import { sessionOperations } from '../../sessions.ts';
import { unreachable } from '../connect/unreachable.ts';
import { type Finding, findContainer, type Info, inspect } from '../container.ts';
import { foreignWords } from '../container-view.ts';
import { createContainer } from '../create.ts';
import { type DockerContext, hasStarted } from '../lab-context.ts';
import { followedLog, wholeLog } from './logs.ts';
import { serverFiles } from './server-files.ts';

const startDeadlineMs = 60_000; // a first start runs initdb and a temporary server
const stopDeadlineMs = 30_000;
const againAfterMs = 1000;
const signals = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' } as const satisfies Record<StopHow, string>;

export type DockerServer = Server & { readonly plan: ServerPlan; find(): Promise<Finding> };

export function dockerServer(context: DockerContext, server: ServerPlan): DockerServer {
  const { reached, owner, dir, plan } = context;
  const { docker } = reached;
  const name = server.container ?? server.name;
  const find = () => findContainer(docker, owner, server);
  const need = async (): Promise<Info> => {
    const { info, foreign } = await find();
    if (info) return info;
    throw new ProblemError(foreign ? foreignWords(foreign) : noContainer(name));
  };
  const needRunning = async (): Promise<Info> => {
    const info = await need();
    if (info.State.Running) return info;
    const fix = `Start it: docker start ${info.Name.slice(1)}`;
    throw new ProblemError({ what: `${server.name} is not running.`, fix });
  };
  return {
    name: server.name,
    plan: server,
    find,
    ...serverFiles(context, server, find, need),
    ...sessionOperations(async (database, application) => {
      const wish = { database, ...(application ? { application } : {}) };
      return (await context.openSession(server, await needRunning(), wish)).client;
    }),
    isRunning: async () => (await find()).info?.State.Running ?? false,
    connection: async () => publishedConnection(context, server, await needRunning()),
    async create() {
      const { foreign } = await find();
      if (foreign) throw new ProblemError(foreignWords(foreign));
      await createContainer(docker, dir, plan, server);
    },

    async start() {
      const info = await need();
      const container = docker.getContainer(info.Id);
      if (info.State.Paused) return container.unpause();
      if (!info.State.Running) await container.start().catch(ignoreDockerError); // State.Error has the reason
      if (await until(() => hasStarted(context, info.Id), { deadlineMs: startDeadlineMs, everyMs: 50 })) return;
      throw new ProblemError({
        what: `${server.name} did not come up within 60 s.`,
        fix: `Read docker logs ${name}.`,
      });
    },

    async stop(how) {
      const { info } = await find();
      if (info?.State.Running) await end(context, server, info, signals[how]);
    },
    kill: async () => end(context, server, await needRunning(), 'SIGKILL'),
    reload: async () => void (await docker.getContainer((await needRunning()).Id).kill({ signal: 'SIGHUP' })),

    log: async () => {
      const { info } = await find();
      return info ? wholeLog(docker, info) : '';
    },
    async *readLog(follow) {
      try {
        const info = await need();
        if (follow) yield* followedLog(docker, async () => (await find()).info, follow);
        else yield await wholeLog(docker, info);
      } catch (error) {
        throw unreachable(error, reached);
      }
    },
  };
}

export const noContainer = (name: string) => ({
  what: `There is no container "${name}".`,
  fix: 'Lesson 2 makes it with "docker run".',
});

/**
 * PostgreSQL is the first process of its container, so a signal to the container goes to the postmaster. Early in a
 * start that process is the entrypoint's shell, which ignores all signals but SIGKILL, so the signal is repeated each
 * second. Throws a ProblemError when the container still runs after 30 s.
 */
async function end({ reached }: DockerContext, server: ServerPlan, info: Info, signal: string): Promise<void> {
  const container = reached.docker.getContainer(info.Id);
  if (info.State.Paused) await container.unpause(); // a paused process handles no signal
  // With a restart policy Docker restarts a container that a signal other than the image's own stop signal has ended.
  const wouldRestart = !/^(no)?$/.test(info.HostConfig.RestartPolicy?.Name ?? '') && signal === signals.immediate;
  const send = (again: boolean) =>
    info.State.Restarting || wouldRestart || (again && signal === signals.immediate)
      ? container.stop({ t: 0 })
      : container.kill({ signal });
  const hasEnded = async () => !(await inspect(reached.docker, info.Id))?.State.Running;
  for (let tries = 0; tries * againAfterMs < stopDeadlineMs; tries++) {
    await send(tries > 0).catch(ignoreDockerError); // the container may have ended by itself in the meantime
    if (await until(hasEnded, { deadlineMs: againAfterMs })) return;
  }
  const smart = signal === signals.smart;
  throw new ProblemError({
    what: `${server.name} did not stop within 30 s${smart ? ': a smart stop waits until the last session is closed' : ''}.`,
    fix: smart ? 'Close your sessions, or say "docker stop".' : `Read docker logs ${server.container ?? server.name}.`,
  });
}

/** Ignores an HTTP error of the daemon; rethrows an error of the connection. */
export function ignoreDockerError(error: unknown): void {
  if ((error as { statusCode?: number }).statusCode === undefined) throw error;
}

async function publishedConnection(context: DockerContext, server: ServerPlan, info: Info) {
  const { client } = await context.openSession(server, info, { database: 'postgres' });
  const route = await context
    .doorsOf(server)
    .published(info, client)
    .finally(() => client.end());
  if (route) return { host: route.host, port: route.port, user: 'postgres', password: route.password ?? '' };
  throw new ProblemError({
    what: `${server.name} has no published port, so a client on this machine cannot reach it.`,
    fix: `Make the container with -p ${context.plan.host}:${server.port}:5432.`,
  });
}

/** The `docker run` of lesson 2 makes the same containers as the workshop. */
import { describe, expect, it } from 'vitest';
import lessons from '../../lessons/index.ts';
import { readerHere } from '../../src/cli/opening/access.ts';
import type { DockerWish } from '../../src/lab/folder.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { lessonsFor } from '../../src/lesson/format/reader.ts';
import { fencesOf, filledFences } from './fences.ts';
import { type DockerMajor, dockerLab, imageOf, whyNoImage } from './lab.ts';
import { docker, imageIn, inspected, networkIn, planOf } from './learner.ts';

const me = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
const labs: readonly (readonly [name: string, major: DockerMajor, wish: Partial<DockerWish>])[] = [
  ['PostgreSQL 18', 18, {}],
  ['PostgreSQL 18, as the learner', 18, { user: me }],
  ['PostgreSQL 15, data in volumes', 15, { storage: 'volume' }],
];

describe.each(labs)('on %s', (_, major, wish) => {
  if (!imageOf(major)) {
    it("the lesson's docker run creates the same container as the workshop", ({ skip }) => skip(whyNoImage(major)));
    return;
  }
  it.each(['master', 'slave'])(
    `the lesson's docker run creates the same %s as the workshop, on ${_}`,
    async (server) => {
      await using lab = await dockerLab(major, wish);
      const { container } = planOf(lab, server);
      await lab.server(server).create();
      const ours = about(await inspected(container));
      await docker('rm', '--force', '--volumes', container);
      const { status, stderr } = await lab.exec(['sh', '-ec', shownRun(lab, container)]);
      expect(status, stderr).toBe(0);
      const theirs = about(await inspected(container));
      expect(theirs).toEqual(ours);
      expect(theirs).toMatchObject({ image: imageIn(lab), network: networkIn(lab) });
    },
  );
});

function shownRun(lab: Lab, container: string): string {
  const fences = lessonsFor(lessons, readerHere(lab.plan), lab.plan)
    .flatMap(({ words }) => words.tasks)
    .flatMap((task) => filledFences(fencesOf(task).words, lab.plan));
  const found = fences.find(({ text }) => text.includes(`docker run -d --name ${container} `));
  if (!found) throw new Error(`no lesson shows how ${container} is made`);
  return found.text;
}

type Inspected = {
  readonly Config: {
    readonly Image: string;
    readonly User: string;
    readonly Env: readonly string[];
    readonly Cmd: readonly string[];
    readonly Entrypoint: readonly string[];
    readonly StopSignal?: string;
  };
  readonly HostConfig: {
    readonly NetworkMode: string;
    readonly Binds: readonly string[];
    readonly PortBindings: unknown;
    readonly RestartPolicy: { readonly Name: string };
  };
};

/**
 * The compared settings of a container. `postgres` before its options may be left out. Labels are not compared, because
 * the workshop's container has its label, and the lesson's is recognised by its mount.
 */
function about(inspection: unknown) {
  const [{ Config, HostConfig }] = inspection as [Inspected];
  const { Image, User, Env, Cmd, Entrypoint, StopSignal } = Config;
  const { NetworkMode, Binds, PortBindings, RestartPolicy } = HostConfig;
  const options = Cmd[0] === 'postgres' ? Cmd.slice(1) : Cmd;
  return {
    ...{ image: Image, user: User, environment: [...Env].sort(), options, entrypoint: Entrypoint, stop: StopSignal },
    ...{ network: NetworkMode, mounts: Binds, ports: PortBindings, restart: RestartPolicy.Name || 'no' },
  };
}

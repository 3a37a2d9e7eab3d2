/** edit, psql and shell: hand the terminal to another program. */
import { foreignWords } from '../../../lab/docker/container-view.ts';
import { planSeen } from '../../../lab/plan/plan-seen.ts';
import { ProblemError } from '../../../lab/problem.ts';
import type { OpenedLab } from '../../../learner/opened-lab.ts';
import { stepWords } from '../../../lesson/step.ts';
import type { TerminalProgram } from '../../../session/session.ts';
import { runInForeground } from '../../../terminal/foreground.ts';
import { messages } from '../../../ui/messages.ts';
import type { Invocation, Run } from '../../command.ts';
import { atMost, openLab } from '../../opening/access.ts';
import { runFullscreen } from '../../screen/programs.ts';

const runInTerminal = async (
  { lab }: OpenedLab,
  { io, signal }: Invocation,
  program: TerminalProgram,
): Promise<number> => {
  const now = program.run === 'psql' ? await lab.observe() : null;
  await runFullscreen(program, lab, io.env, now, (spec) => runInForeground(spec, signal));
  return 0;
};

export const shell: Run = async (invocation) => {
  atMost(invocation, 0, 'shell');
  const opened = await openLab(invocation);
  const { dir, plan } = opened.lab;
  const words = messages.shell;
  invocation.io.out(words.where(dir));
  invocation.io.out(words.ports(plan.servers.map(({ name, port }) => words.port(name, port)).join(', ')));
  return runInTerminal(opened, invocation, { run: 'shell' });
};

export const psqlCommand: Run = async (invocation) => {
  atMost(invocation, 1, 'psql <server>');
  const opened = await openLab(invocation);
  const server = namedServer(opened, invocation.args[0], 'psql <server>');
  if (!(await opened.lab.server(server).isRunning())) {
    const now = await opened.lab.observe();
    const { foreign, container } = now.servers[server] ?? {};
    if (foreign && !container) throw new ProblemError(foreignWords(foreign));
    throw new ProblemError({
      what: `${server} does not run; another program may answer on its port.`,
      fix: `Start it: ${stepWords({ do: 'start', on: server }, planSeen(opened.lab.plan, now))}`,
    });
  }
  return runInTerminal(opened, invocation, { run: 'psql', server });
};

export const editCommand: Run = async (invocation) => {
  atMost(invocation, 2, 'edit <server> <file>');
  const opened = await openLab(invocation);
  const server = namedServer(opened, invocation.args[0], 'edit <server> <file>');
  const file = invocation.args[1] ?? 'postgresql.conf';
  return runInTerminal(opened, invocation, { run: 'edit', server, file });
};

export function namedServer({ lab }: OpenedLab, name: string | undefined, usage: string): string {
  const names = lab.plan.servers.map((server) => server.name);
  if (name !== undefined && names.includes(name)) return name;
  throw new ProblemError(
    {
      what: name === undefined ? 'Which server?' : `There is no server "${name}" in this lab.`,
      fix: `Name one of ${names.join(', ')}: repl-workshop ${usage}`,
    },
    2,
  );
}

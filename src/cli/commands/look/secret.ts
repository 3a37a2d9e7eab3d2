/** secret: prints a password of the lab, for its owner. It is the only command that prints one unmasked. */
import { quote } from '../../../lab/bin.ts';
import { readLab } from '../../../lab/folder.ts';
import type { Lab } from '../../../lab/lab.ts';
import { type LabPlan, serverPlan } from '../../../lab/plan/plan.ts';
import { ProblemError } from '../../../lab/problem.ts';
import { recognisedPassword, superuserPasswords } from '../../../lab/secrets/password-file.ts';
import { replicationSecret as replication } from '../../../lab/secrets/secrets.ts';
import { refuseOthers } from '../../../lab/trust/others.ts';
import { commandWords } from '../../../lesson/commands.ts';
import type { Invocation, Run } from '../../command.ts';
import { atMost, openToLook } from '../../opening/access.ts';

export const secret: Run = async (invocation) => {
  const { args, io, named, dir } = invocation;
  atMost(invocation, 1, 'secret [name]');
  refuseOthers(named);
  const file = readLab(dir);
  if (!file)
    throw new ProblemError({
      what: `There is no lab in ${dir} yet, so it has no passwords.`,
      fix: 'Open the workshop, or name another folder with --lab DIR.',
    });
  const { plan } = file;
  const [name] = args;
  if (name === undefined) for (const line of namesOf(plan)) io.out(line);
  else if (plan.servers.some((server) => server.name === name)) await printSuperuserPassword(invocation, plan, name);
  else if (name === replication || name === plan.replication.user) io.out(plan.replication.password);
  else throw unknownName(plan, name);
  return 0;
};

function namesOf({ servers, replication: { user } }: LabPlan): readonly string[] {
  const width = Math.max(replication.length, ...servers.map(({ name }) => name.length)) + 2;
  return [
    ...servers.map(({ name }) => `${name.padEnd(width)}the superuser postgres on the server ${name}`),
    `${replication.padEnd(width)}the role ${user}, as which a standby logs in`,
  ];
}

/** Prints the password that the server accepts now: after the clone the slave has the master's. */
async function printSuperuserPassword(invocation: Invocation, plan: LabPlan, name: string): Promise<void> {
  const { io, unheard } = invocation;
  const { lab } = await openToLook(invocation);
  const password = superuserPasswords(plan, recognisedPassword(await lab.observe(unheard)))[name];
  if (password === undefined) throw await unknownPassword(lab, name);
  io.out(password);
  if (name === plan.replication.user)
    io.err(
      `This is the password of postgres on the server ${name}. The role ${name} has its own: repl-workshop secret ${replication}`,
    );
}

async function unknownPassword(lab: Lab, name: string): Promise<ProblemError> {
  const again = `ALTER ROLE postgres PASSWORD '${serverPlan(lab.plan, name).password}'`;
  const { host, port } = await lab.server(name).connection(); // the socket, which needs no password
  return new ProblemError({
    what: `On ${name} postgres has a password that the lab does not know: it was changed.`,
    fix: `Use that one, or set the lab's again: ${
      lab.plan.docker
        ? commandWords({ do: 'sql', on: name, text: again }, lab.plan)
        : `psql -h ${quote(host)} -p ${port} -U postgres -c "${again}"`
    }`,
  });
}

const unknownName = ({ servers }: LabPlan, name: string): ProblemError =>
  new ProblemError(
    {
      what: `This lab has no password called "${name}".`,
      fix: `Name one of ${[...servers.map((server) => server.name), replication].join(', ')}: repl-workshop secret ${replication}`,
    },
    2,
  );

/** The learner's own shell in the lab: their start-up files first, then the lab's commands in front of all others, and a prompt that says where they are. */
import { basename, join } from 'node:path';
import { quote } from '../../../lab/bin.ts';
import { writeOwnFiles } from '../../../lab/files/own-files.ts';
import type { CommandSpec, Lab } from '../../../lab/lab.ts';
import { ProblemError } from '../../../lab/problem.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Start-up files may put other programs first on PATH, so the lab's come after them; other shells get the environment alone. */
export function shellSpec(lab: Pick<Lab, 'dir' | 'command'>, env: Env): CommandSpec {
  const shell = env.SHELL || 'sh';
  const plain = lab.command([shell, '-i']);
  const own = join(lab.dir, 'shell');
  const lines = labLines(lab.dir, plain.env);
  switch (basename(shell)) {
    case 'bash':
      write(lab.dir, 'bashrc', bashrc(lines));
      return { ...plain, args: ['--rcfile', join(own, 'bashrc'), '-i'] };
    case 'zsh':
      write(lab.dir, '.zshenv', zshenv(lines));
      return { ...plain, env: { ...plain.env, ZDOTDIR: own, LAB_ZDOTDIR: env.ZDOTDIR ?? '' } };
    default:
      return plain;
  }
}

/** Throws a ProblemError where something of the learner's own stands there: a shell without these lines has not the lab's programs. */
function write(dir: string, name: string, text: string): void {
  const [left] = writeOwnFiles(dir, 'shell', { [name]: text }, 0o644);
  if (left) throw new ProblemError({ what: left, fix: `The shell of the lab needs it: mv shell shell.mine` });
}

/** After the learner's own: theirs may set another PATH, and a PGPASSWORD there would be sent for every role. */
const labLines = (dir: string, { PGPASSFILE }: CommandSpec['env']): readonly string[] => [
  `PATH=${quote(join(dir, 'bin'))}:$PATH`,
  'PS1="(lab) $PS1"',
  ...(PGPASSFILE === undefined ? [] : [`export PGPASSFILE=${quote(PGPASSFILE)}`, 'unset PGPASSWORD']),
];

const bashrc = (lines: readonly string[]): string => `# Made by repl-workshop, for the shell of this lab.
[ -r ~/.bashrc ] && . ~/.bashrc
${lines.join('\n')}
`;

/** zsh reads this first; it goes on with the learner's own files as if it had never been here, and acts before the first prompt. */
const zshenv = (lines: readonly string[]): string => `# Made by repl-workshop, for the shell of this lab.
if [[ -n $LAB_ZDOTDIR ]]; then ZDOTDIR=$LAB_ZDOTDIR; else unset ZDOTDIR; fi
unset LAB_ZDOTDIR
[[ -r \${ZDOTDIR:-$HOME}/.zshenv ]] && . \${ZDOTDIR:-$HOME}/.zshenv
_lab_first() {
${lines.map((line) => `  ${line}`).join('\n')}
  precmd_functions=(\${precmd_functions:#_lab_first})
}
precmd_functions+=(_lab_first)
`;

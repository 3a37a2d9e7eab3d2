/**
 * The learner's own shell in the lab. It reads the learner's start-up files first, then puts the lab's commands first
 * on PATH and marks the prompt with "(lab)".
 */
import { basename, join } from 'node:path';
import { quote } from '../../../lab/bin.ts';
import { writeOwnFiles } from '../../../lab/files/own-files.ts';
import type { CommandSpec, Lab } from '../../../lab/lab.ts';
import { ProblemError } from '../../../lab/problem.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Start-up files may change PATH, so bash and zsh set the lab's PATH after reading them. Other shells get it from the
 * environment only.
 */
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

/**
 * Writes one of the shell's files. Throws a ProblemError where a file of the learner's own has its name: without these
 * lines the shell would not find the lab's programs.
 */
function write(dir: string, name: string, text: string): void {
  const [left] = writeOwnFiles(dir, 'shell', { [name]: text }, 0o644);
  if (left) throw new ProblemError({ what: left, fix: `The shell of the lab needs it: mv shell shell.mine` });
}

/**
 * Lines that run after the learner's start-up files, which may set another PATH. A PGPASSWORD set there is removed,
 * since libpq would send it for every role.
 */
const labLines = (dir: string, { PGPASSFILE }: CommandSpec['env']): readonly string[] => [
  `PATH=${quote(join(dir, 'bin'))}:$PATH`,
  'PS1="(lab) $PS1"',
  ...(PGPASSFILE === undefined ? [] : [`export PGPASSFILE=${quote(PGPASSFILE)}`, 'unset PGPASSWORD']),
];

const bashrc = (lines: readonly string[]): string => `# Made by repl-workshop, for the shell of this lab.
[ -r ~/.bashrc ] && . ~/.bashrc
${lines.join('\n')}
`;

/**
 * zsh reads this file first, because ZDOTDIR names its folder. It restores the learner's ZDOTDIR, so that zsh goes on
 * with the learner's files, and runs the lab's lines just before the first prompt.
 */
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

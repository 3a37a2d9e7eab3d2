/** The program's own words about its command line, made from the table of commands. */
import { type Command, globalAbout } from './commands.ts';

export function overview(commands: Readonly<Record<string, Command>>): string {
  const rows = Object.entries(commands)
    .filter(([, { hidden }]) => !hidden)
    .map(([name, { usage, about }]): readonly [string, string] => [
      `repl-workshop ${name} ${usage}`.replace(/ +/g, ' ').trim(),
      about,
    ]);
  return [
    'A terminal workshop that teaches PostgreSQL streaming replication on real servers.',
    '',
    ...rows.flatMap(([usage, about]) => [` ${usage}`, `     ${about}`]),
    '',
    'Options',
    ...globalAbout.map(([option, about]) => ` ${option.padEnd(22)}${about}`.trimEnd()),
    '',
    'Exit status: 0 all right, 1 not yet, 2 wrong usage, 3 could not look.',
  ].join('\n');
}

export const helpOf = (name: string, { usage, about }: Command): string =>
  [
    `repl-workshop ${name} ${usage}`.trim(),
    `  ${about}`,
    '',
    'Options of every command',
    ...globalAbout.map(([option, text]) => ` ${option.padEnd(22)}${text}`.trimEnd()),
  ].join('\n');

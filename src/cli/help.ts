/** The program's own words about its command line, made from the table of commands. */
import { messages } from '../ui/messages.ts';
import { type Command, globalAbout } from './commands.ts';

const words = messages.commands;

export function overview(commands: Readonly<Record<string, Command>>): string {
  const rows = Object.entries(commands)
    .filter(([, { hidden }]) => !hidden)
    .map(([name, { usage, about }]): readonly [string, string] => [
      `repl-workshop ${name} ${usage}`.replace(/ +/g, ' ').trim(),
      about,
    ]);
  return [
    words.about,
    '',
    ...rows.flatMap(([usage, about]) => [` ${usage}`, `     ${about}`]),
    '',
    words.options,
    ...globalAbout.map(([option, about]) => ` ${option.padEnd(22)}${about}`.trimEnd()),
    '',
    words.statuses,
  ].join('\n');
}

export const helpOf = (name: string, { usage, about }: Command): string =>
  [
    `repl-workshop ${name} ${usage}`.trim(),
    `  ${about}`,
    '',
    words.optionsOfEvery,
    ...globalAbout.map(([option, text]) => ` ${option.padEnd(22)}${text}`.trimEnd()),
  ].join('\n');

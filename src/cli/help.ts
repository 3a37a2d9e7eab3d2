/** The help texts, made from the table of commands. */
import { messages } from '../ui/messages.ts';
import { type Command, globalAbout } from './commands.ts';

const words = messages.commands;

function optionLines(): readonly string[] {
  const width = Math.max(...globalAbout.map(([option]) => option.length)) + 2;
  return globalAbout.map(([option, about]) => ` ${option.padEnd(width)}${about}`.trimEnd());
}

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
    ...optionLines(),
    '',
    words.statuses,
  ].join('\n');
}

export const helpOf = (name: string, { usage, about }: Command): string =>
  [`repl-workshop ${name} ${usage}`.trim(), `  ${about}`, '', words.optionsOfEvery, ...optionLines()].join('\n');

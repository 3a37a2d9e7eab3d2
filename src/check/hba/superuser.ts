/**
 * The lines of pg_hba.conf with which the superuser comes in. Without them the file locks out its owner, and the
 * workshop.
 */
import type { HbaFile, Observation, ServerView } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { firstMatch, type HbaRule, parseHba } from '../../postgres/hba/hba.ts';
import type { Edit } from '../verdict.ts';

const login = { database: 'postgres', replication: false, user: 'postgres' } as const;

/**
 * The ways of the superuser, each with a line as initdb or the image writes it. In a container a look tries the socket
 * first and takes its refusal as final, so only `local` lines lock it out.
 */
const ways = (now: Observation) => [
  { connection: { ...login, kind: 'local' } as const, text: 'local all all trust' },
  ...(now.engine === 'docker'
    ? []
    : [
        {
          connection: { ...login, kind: 'host', address: '127.0.0.1' } as const,
          text: 'host all all 127.0.0.1/32 scram-sha-256',
        },
      ]),
];

/** For each way of the superuser, the line that decides; undefined: none fits, which means no. */
export const superuserRules = (now: Observation, rules: readonly HbaRule[]): readonly (HbaRule | undefined)[] =>
  ways(now).map(({ connection }) => firstMatch(rules, connection));

/** The steps that let the superuser in: what turns him away becomes a comment, and what is missing is written. */
export function letSuperuserIn(
  now: Observation,
  server: string,
  { rules, path }: Pick<HbaFile, 'rules' | 'path'>,
  isRefusal: (rule: HbaRule) => boolean,
): readonly Edit[] {
  const refusals = refusalsIn(now, rules, isRefusal);
  const left = rules.filter((rule) => !refusals.includes(rule));
  return [
    ...refusals.map((rule): Edit => {
      const file = rule.file ?? path;
      return { do: 'edit', on: server, file, line: rule.line, text: `#${rule.text.trim()}` };
    }),
    ...missing(now, left).map((text) => newLine(server, path, text)),
  ];
}

/** The rules that would turn him away, one after the other. */
function refusalsIn(now: Observation, rules: readonly HbaRule[], isRefusal: (rule: HbaRule) => boolean): HbaRule[] {
  const found = superuserRules(now, rules)
    .filter((rule) => rule !== undefined)
    .filter(isRefusal);
  const left = rules.filter((rule) => !found.includes(rule));
  return found.length === 0 ? [] : [...new Set([...found, ...refusalsIn(now, left, isRefusal)])];
}

/**
 * The lines that edits of pg_hba.conf would cost the superuser, or all of them where none is left: one line alone in an
 * empty file locks everybody else out.
 */
export function linesLost(now: Observation, { name, disk }: ServerView, edits: readonly Edit[]): readonly Edit[] {
  const before = isProblem(disk) || !disk.hba || 'unreadable' in disk.hba ? undefined : disk.hba;
  const path = before?.path ?? edits[0]?.file ?? 'pg_hba.conf';
  const isEdited = (rule: HbaRule) =>
    edits.some(({ file, line }) => file === (rule.file ?? path) && line === rule.line);
  const after = [
    ...(before?.rules ?? []).filter((rule) => !isEdited(rule)),
    ...edits.flatMap(({ text }) => parseHba(text, { major: now.major }).rules),
  ];
  const lost = missing(now, after);
  const lacked = missing(now, before?.rules ?? []);
  return (lost.length === ways(now).length ? lost : lost.filter((text) => !lacked.includes(text))).map((text) =>
    newLine(name, path, text),
  );
}

const missing = (now: Observation, rules: readonly HbaRule[]): readonly string[] =>
  ways(now).flatMap(({ connection, text }) => (firstMatch(rules, connection) ? [] : [text]));

const newLine = (on: string, file: string, text: string): Edit => ({ do: 'edit', on, file, line: 'new', text });

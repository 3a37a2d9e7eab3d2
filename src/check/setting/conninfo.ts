/** The check of primary_conninfo. It judges the slave's files, so the slave may be stopped. */
import type { Disk, Observation, ServerView } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { parseConninfo } from '../../postgres/conninfo.ts';
import { maskText } from '../../postgres/mask/mask.ts';
import { quoteName } from '../../postgres/quote.ts';
import { type Fits, lastAnswer, passwordFits } from '../../postgres/scram.ts';
import { type Check, defineCheck } from '../check.ts';
import { isGateway, targetOf } from '../network/address.ts';
import { commentOut } from '../steps/file-lines.ts';
import { roleOn } from '../streaming/refusal.ts';
import { isTutorialPasswordHere, warningOf } from '../tutorial-password.ts';
import { ownPassword, type Step } from '../verdict.ts';
import { type Failure, fail, pass, unknown } from '../verdicts.ts';
import { inFile, othersOf, viewOf } from '../view.ts';
import { lineFor } from './conninfo-line.ts';
import { type ConninfoWanted, judgeString, stringCauses } from './conninfo-string.ts';
import {
  commentedOut,
  isAutoConf,
  locationOf,
  mainConf,
  notInEffect,
  type ShadowedLine,
  settingLayers,
  shadowLayers,
  startFault,
  type WrittenSetting,
  written,
  writtenAnew,
} from './settings.ts';

export const conninfo = (server: string, wanted: ConninfoWanted): Check => {
  const fits = lastAnswer(passwordFits);
  return defineCheck(
    [
      'no-copy-yet',
      'conf-error',
      'in-the-masters-file',
      'conninfo-commented',
      'conninfo-missing',
      'shadowed-by-auto-conf',
      'shadowed-by-a-later-line',
      'not-loaded',
      'reload-refused',
      'command-line-wins',
      ...stringCauses,
    ],
    ({ now }) => {
      const view = viewOf(now, server);
      const { disk } = view;
      if (isProblem(disk)) return unknown(disk);
      if (disk.state !== 'cluster')
        return fail('no-copy-yet', {
          seen: `${disk.path} holds no copy yet`,
          want: `a copy of ${wanted.master}`,
          at: inFile(server, disk.path),
          next: [{ do: 'say', text: 'clone the master first (lesson 5)' }],
        });
      const fault = startFault(view, disk);
      if (fault)
        return fault.next.some((step) => step.do === 'edit') && /primary_conninfo/i.test(fault.seen)
          ? {
              ...writtenAnew(fault, 'primary_conninfo', lineFor(now, wanted)),
              cause: 'syntax-error',
              why: quotesInside,
            }
          : fault;
      const lines = written(disk, 'primary_conninfo');
      const last = lines.at(-1);
      if (!last || last.value === '') return notWritten(now, view, disk, wanted, fits);
      const judge = (line: WrittenSetting) => judgeString(now, view, line.value, wanted, fits);
      const wrong = judge(last);
      const want = `primary_conninfo of ${server} with the host, port and user for ${wanted.master}, and application_name=${wanted.applicationName}`;
      if (wrong) {
        const meant = lines.slice(0, -1).findLast((line) => !judge(line));
        if (meant) return shadowed(view, { last, meant }, want);
        // The line that the next step writes has this lab's own password, so the role must have that one too.
        const role = wrong.cause === 'wrong-password' ? roleOn(now, wanted.master, wanted.user) : undefined;
        const isRoles = role?.own === false;
        const next: readonly Step[] = isRoles
          ? [{ do: 'sql', on: wanted.master, text: `ALTER ROLE ${quoteName(role.name)} PASSWORD '${ownPassword}'` }]
          : [
              { do: 'edit', on: server, file: last.path, line: last.line, text: lineFor(now, wanted) },
              { do: 'reload', on: server },
            ];
        const why = isRoles
          ? `role ${role.name} on ${wanted.master} has another password than the commands of this lab; give it that one`
          : wrong.why;
        return fail(wrong.cause, { seen: wrong.seen, want, why, at: locationOf(server, last), next });
      }
      const seen = `${server} will look for ${wanted.master} as ${wanted.applicationName}: ${last.path}, line ${last.line}`;
      const warning = { ...containerAddress(now, last.value), ...tutorials(now, last.value) };
      if (isProblem(view.sql)) return pass(seen, warning);
      const pending = notInEffect(view, view.sql, 'primary_conninfo', last);
      return pending ?? pass(seen, { layers: settingLayers(view, view.sql, 'primary_conninfo', last), ...warning });
    },
  );
};

const quotesInside = "the whole value stands in single quotes; a quote inside it is written twice: ''";

function tutorials(now: Observation, text: string): { readonly warning?: string } {
  const parsed = parseConninfo(text, now.major);
  const { user = '', password } = 'params' in parsed ? parsed.params : {};
  return password !== undefined && isTutorialPasswordHere(now, password) ? { warning: warningOf(user, password) } : {};
}

/** A warning for a numeric address of a container: after a restart the container may have another one. */
function containerAddress(now: Observation, text: string): { readonly warning?: string } {
  const target = now.engine === 'docker' ? targetOf(text) : undefined;
  const isNumber = target?.port === 5432 && /^\d+(\.\d+){3}$/.test(target.host);
  const isContainers = isNumber && !Object.values(now.servers).some((view) => isGateway(view.container, target.host));
  return isContainers
    ? {
        warning: `${target.host} is a container's address of today; after its next start it may have another. Its name stays`,
      }
    : {};
}

function notWritten(
  now: Observation,
  view: ServerView,
  disk: Disk,
  wanted: ConninfoWanted,
  fits: Fits,
): Failure<'in-the-masters-file' | 'conninfo-commented' | 'conninfo-missing'> {
  const { name } = view;
  const want = `a primary_conninfo in the files of ${name}`;
  const text = lineFor(now, wanted);
  const comment = commentedOut(disk, 'primary_conninfo');
  if (comment) {
    return fail('conninfo-commented', {
      seen: `line ${comment.line} of ${comment.path} is a comment: it begins with #`,
      want,
      why: 'what follows a # is not read',
      at: locationOf(name, comment),
      next: [
        {
          do: 'edit',
          on: name,
          file: comment.path,
          line: comment.line,
          // Its password may be another one; the lab's own is the one that commands can carry.
          text:
            maskText(comment.text) === comment.text && !judgeString(now, view, comment.value, wanted, fits)
              ? comment.text.replace(/^[#\s]+/, '')
              : text,
        },
      ],
    });
  }
  const other = othersOf(now, name).flatMap((elsewhere) =>
    isProblem(elsewhere.disk)
      ? []
      : written(elsewhere.disk, 'primary_conninfo').map((line) => ({ line, on: elsewhere.name })),
  )[0];
  if (other) {
    return fail('in-the-masters-file', {
      seen: `primary_conninfo stands in ${other.line.path}, which is ${other.on}'s`,
      want,
      why: `the one who calls must know the number: ${name} calls ${wanted.master}. On a primary the line does nothing, and nobody says so`,
      at: locationOf(other.on, other.line),
      next: [
        { do: 'edit', on: other.on, file: other.line.path, line: other.line.line, text: `#${other.line.text.trim()}` },
        { do: 'edit', on: name, file: mainConf(disk), text },
      ],
    });
  }
  return fail('conninfo-missing', {
    seen: `no file of ${name} has a primary_conninfo`,
    want,
    why: 'without it a standby waits for ever, and asks nobody',
    at: inFile(name, mainConf(disk)),
    next: [{ do: 'edit', on: name, file: mainConf(disk), text }],
  });
}

function shadowed(
  view: ServerView,
  { last, meant }: ShadowedLine,
  want: string,
): Failure<'shadowed-by-auto-conf' | 'shadowed-by-a-later-line'> {
  const auto = isAutoConf(last);
  const server = view.name;
  const runs = !isProblem(view.sql);
  return fail(auto ? 'shadowed-by-auto-conf' : 'shadowed-by-a-later-line', {
    seen: `line ${meant.line} of ${meant.path} is right, but line ${last.line} of ${last.path} counts`,
    want,
    why: auto
      ? 'postgresql.auto.conf is read last, and what is read last wins; ALTER SYSTEM and pg_basebackup -R write it'
      : 'if a setting stands there twice, the last line wins',
    at: locationOf(server, last),
    layers: shadowLayers(server, { last, meant }),
    next: [
      ...(auto && runs
        ? [{ do: 'sql', on: server, text: 'ALTER SYSTEM RESET primary_conninfo' } as const]
        : commentOut(view, last.path, last.line)),
      { do: 'reload', on: server },
    ],
  });
}

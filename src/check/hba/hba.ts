/** The check of pg_hba.conf: the first line that fits the standby must let it ask for replication with a password. */
import type { Disk, HbaFile, Observation } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { firstMatch, firstUnknown, type HbaRule, matchRule } from '../../postgres/hba/hba.ts';
import { type Check, defineCheck } from '../check.ts';
import { commentOut, readableAgain } from '../steps/file-lines.ts';
import type { Pass } from '../verdict.ts';
import { type Failure, fail, pass, type Unknown, unknown } from '../verdicts.ts';
import { identifierOf, inFile, othersOf, viewOf } from '../view.ts';
import { type HbaClient, hbaClientOf, type ReplicationClient } from './client.ts';
import { hbaLayers } from './layers.ts';
import { asksForAnAddress, fileOf, isImages, isInitdbs } from './lines.ts';
import { misses, nearMiss, nearMissCauses } from './near-miss.ts';

const lineCauses = [
  'hba-missing',
  'hba-unreadable',
  'hba-syntax-error',
  'rejected-above',
  'initdb-line-first',
  'trusted-above',
  'method-not-supported-by-password',
  'line-commented',
  'written-on-the-slave',
  'line-missing',
  ...nearMissCauses,
] as const;
type LineFailure = Failure<(typeof lineCauses)[number]>;

/**
 * Judges the file, so it works for a stopped server too; `hbaLoaded` is the check that the running server has read it.
 */
export const hbaAllowsReplication = (server: string, standby: ReplicationClient): Check =>
  defineCheck(lineCauses, ({ now }) => {
    const verdict = judgeLine(now, server, standby);
    const layers = verdict.kind === 'unknown' ? undefined : hbaLayers(now, server, verdict);
    return layers ? { ...verdict, layers } : verdict;
  });

export function judgeLine(now: Observation, server: string, standby: ReplicationClient): LineFailure | Pass | Unknown {
  const { disk } = viewOf(now, server);
  if (isProblem(disk)) return unknown(disk);
  const path = `${disk.path}/pg_hba.conf`;
  const client = hbaClientOf(now, server, standby);
  const want = `a line that lets ${standby.user} ask for replication from ${client.from}, with a password`;
  const text = client.line;
  if (!disk.hba)
    return fail('hba-missing', {
      seen: `there is no file ${path}`,
      want,
      why: 'a running server keeps the rules that it has read; at a start it needs the file',
      at: inFile(server, path),
      next: [
        { do: 'edit', on: server, file: path, text },
        { do: 'reload', on: server },
      ],
    });
  if ('unreadable' in disk.hba) {
    return fail('hba-unreadable', {
      seen: `${path} cannot be read: ${disk.hba.unreadable}`,
      want,
      at: inFile(server, path),
      next:
        now.engine === 'native' && !disk.hba.shut
          ? [
              { do: 'run', text: `mv ${path} ${path}.away` },
              { do: 'edit', on: server, file: path, text },
              { do: 'reload', on: server },
            ]
          : [readableAgain(viewOf(now, server), disk.hba), { do: 'reload', on: server }],
    });
  }
  const [bad] = disk.hba.errors;
  if (bad) {
    return fail('hba-syntax-error', {
      seen: `line ${bad.line}${bad.file ? ` of ${bad.file}` : ''} is not understood: ${bad.message}`,
      want,
      why: `with one wrong line PostgreSQL takes nothing of the file; the line is: ${bad.text.trim()}`,
      at: inFile(server, fileOf(disk.hba, bad), bad.line),
      next: /\breplication\b/.test(bad.text)
        ? [{ do: 'edit', on: server, file: fileOf(disk.hba, bad), line: bad.line, text }]
        : commentOut(viewOf(now, server), fileOf(disk.hba, bad), bad.line),
    });
  }
  const unread = firstUnknown(disk.hba.rules, client.connection);
  if (unread) {
    return unknown({
      what: `whether line ${unread.line} of ${fileOf(disk.hba, unread)} fits cannot be told: only PostgreSQL itself reads such a regular expression`,
      fix: 'Write the name itself there, or a plainer expression, and it is looked at again.',
    });
  }
  const rule = firstMatch(disk.hba.rules, client.connection);
  const undecided = client.known ? undefined : asksForAnAddress(disk.hba, rule);
  if (undecided)
    return unknown({
      what: `whether line ${undecided.line} of ${path} fits cannot be told: ${server} does not run, so its network's addresses are not known`,
      fix: `Start ${server}, and it is looked at again.`,
    });
  return rule
    ? judgeMatch(server, disk.hba, rule, client, want)
    : judgeNoMatch(now, server, disk, disk.hba, client, want);
}

function judgeMatch(server: string, hba: HbaFile, rule: HbaRule, client: HbaClient, want: string): LineFailure | Pass {
  const file = fileOf(hba, rule);
  const at = inFile(server, file, rule.line);
  const edit = { do: 'edit', on: server, file, line: rule.line } as const;
  const saying = `line ${rule.line}${rule.file ? ` of ${rule.file}` : ''}: ${rule.text.trim()}`;
  const below = hba.rules.slice(hba.rules.indexOf(rule) + 1);
  const learners = below.find((later) => !isInitdbs(later) && matchRule(later, client.connection) === 'match');
  const why = `the first line that fits decides${learners ? `; your line ${learners.line} is never reached` : ''}`;
  if (rule.method === 'reject')
    return fail('rejected-above', {
      seen: `${saying} turns ${client.user} away`,
      want,
      why,
      at,
      next: [{ ...edit, text: learners ? `#${rule.text.trim()}` : client.line }],
    });
  if (isInitdbs(rule) && (learners || rule.method === 'trust')) {
    return fail('initdb-line-first', {
      seen: `a line that initdb wrote fits first, ${saying}`,
      want,
      why: `${why}${rule.method === 'trust' ? '; and this one lets everybody of this machine replicate, with any password' : ''}`,
      at,
      next: [{ ...edit, text: `#${rule.text.trim()}` }],
    });
  }
  if (rule.method === 'trust')
    return fail('trusted-above', {
      seen: `${saying} lets ${client.user} in with any password, and with none`,
      want,
      why,
      at,
      next: [{ ...edit, text: client.line }],
    });
  if (!['scram-sha-256', 'md5', 'password'].includes(rule.method)) {
    return fail('method-not-supported-by-password', {
      seen: `${saying} asks for ${rule.method}, not for a password`,
      want,
      why,
      at,
      next: [{ ...edit, text: client.line }],
    });
  }
  const seen = `line ${rule.line} lets ${client.user} in, for replication: ${rule.text.trim()}`;
  const wide = [
    rule.users.some(({ word, quoted }) => word === 'all' && !quoted) ? 'every role' : '',
    rule.address === 'all' || /^(0\.0\.0\.0|::)(\/0)?$/.test(rule.address ?? '') ? 'every address' : '',
  ].filter(Boolean);
  if (wide.length > 0)
    return pass(seen, { warning: `it is wide: it fits ${wide.join(' and ')}; name just the one who is to come in` });
  const clearText = { warning: 'method password sends the password as clear text; scram-sha-256 does not' };
  return pass(seen, rule.method === 'password' ? clearText : {});
}

function judgeNoMatch(
  now: Observation,
  server: string,
  disk: Disk,
  hba: HbaFile,
  client: HbaClient,
  want: string,
): LineFailure {
  const images = now.engine === 'docker' ? hba.rules.find(isImages) : undefined;
  const learners = hba.rules.filter((rule) => !isInitdbs(rule) && rule !== images);
  const append = [{ do: 'edit', on: server, file: hba.path, text: client.line }] as const;
  const near = nearMiss(learners, client);
  if (near && near.missed === 1) return near.failure(server, hba, want);
  const { connection } = client;
  const comment = hba.commented.find(
    (rule) => !isInitdbs(rule) && matchRule(rule, connection) === 'match' && misses(rule, client).length === 0,
  );
  if (comment) {
    return fail('line-commented', {
      seen: `line ${comment.line} is a comment: ${comment.text.trim()}`,
      want,
      why: 'what follows a # is not read',
      at: inFile(server, hba.path, comment.line),
      next: [{ do: 'edit', on: server, file: hba.path, line: comment.line, text: comment.text.replace(/^[#\s]+/, '') }],
    });
  }
  const elsewhere = writtenElsewhere(now, server, disk, client);
  if (elsewhere)
    return fail('written-on-the-slave', {
      seen: `line ${elsewhere.line} of ${elsewhere.path} is right, but it is the file of ${elsewhere.on}`,
      want: `${want}, in ${hba.path}`,
      why: `who is asked decides: the standby knocks at ${server}`,
      at: inFile(elsewhere.on, elsewhere.path, elsewhere.line),
      next: append,
    });
  if (near) return near.failure(server, hba, want);
  return fail('line-missing', {
    seen: `no line of ${hba.path} is for a replication connection from there`,
    want,
    why: `a line for "all" databases does not include replication: that has to be named${images ? `. So line ${images.line}, which the image wrote, does not help; initdb's own lines are for inside the container` : ''}`,
    at: inFile(server, hba.path),
    next: append,
  });
}

/** The right line in another server's file. A copy of this server has the line by copying, so it does not count. */
function writtenElsewhere(now: Observation, server: string, disk: Disk, client: HbaClient) {
  for (const other of othersOf(now, server)) {
    const hba = isProblem(other.disk) ? null : other.disk.hba;
    if (!hba || !('rules' in hba) || identifierOf(other) === disk.control?.systemIdentifier) continue;
    const line = hba.rules.find((rule) => !isInitdbs(rule) && matchRule(rule, client.connection) === 'match');
    if (line) return { on: other.name, path: hba.path, line: line.line };
  }
  return undefined;
}

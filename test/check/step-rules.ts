/** What is wrong with the steps of a verdict; `every-verdict.ts` applies these rules to all that tests see. */
import type { Step, Verdict } from '../../src/check/verdict.ts';
import type { ConfFile, Disk, Observation, ServerView } from '../../src/lab/observation.ts';
import type { LabPlan } from '../../src/lab/plan/plan.ts';
import { planSeen } from '../../src/lab/plan/plan-seen.ts';
import { isProblem } from '../../src/lab/problem.ts';
import { namedSecrets } from '../../src/lab/secrets/secrets.ts';
import { stepCode, stepWords } from '../../src/lesson/step.ts';
import { stepTexts } from '../../src/lesson/step-parts.ts';
import { parseConf } from '../../src/postgres/conf/conf.ts';
import { firstMatch, type HbaRule, parseHba } from '../../src/postgres/hba/hba.ts';
import { onDocker } from '../lesson/docker-plan.ts';
import { plan } from '../lesson/plan.ts';

type Edit = Extract<Step, { do: 'edit' }>;

/** `commands`: what the steps are in the shell, for a real one to parse. */
export type Found = { readonly wrong: readonly string[]; readonly commands: readonly string[] };

export function judgeSteps(verdict: Verdict, now: Observation): Found {
  if (verdict.kind !== 'fail') return { wrong: [], commands: [] };
  const { next, cause } = verdict;
  const shownPlan = planOf(now);
  const words = next.map((step) => stepWords(step, shownPlan));
  const wrong = [
    ...next.flatMap((step, at) => wrongStep(step, next.slice(0, at), now)),
    ...lockedOut(next, now),
    ...words.filter((text) => /undefined|NaN|\[object|\{\{|\n|^or /.test(text)),
    ...next.flatMap((step) => wrongParts(step, shownPlan)),
    ...(next[0]?.or ? ['the first step is an alternative to nothing'] : []),
  ];
  const commands = next.flatMap((step, at) =>
    stepCode(step, shownPlan)?.place.to === 'shell' || (now.engine === 'docker' && step.do === 'edit')
      ? [words[at] ?? '']
      : [],
  );
  return { wrong: wrong.map((one) => `${cause}: ${one}`), commands };
}

/** The plan of the tests with the servers' folders as this lab has them. */
function planOf(now: Observation): LabPlan {
  const made = now.engine === 'docker' ? planSeen(onDocker({}, now.major), now) : { ...plan, major: now.major };
  return { ...made, servers: made.servers.filter(({ name }) => now.servers[name]) };
}

function wrongStep(step: Step, before: readonly Step[], now: Observation): readonly string[] {
  const saying = JSON.stringify(step);
  switch (step.do) {
    case 'edit':
      return wrongEdit(step, now.servers[step.on]).map((one) => `${one}: ${saying}`);
    case 'sql':
      return waits(step, now.servers[step.on]) ? [`the commit waits for a standby that is away: ${saying}`] : [];
    case 'kill':
      return [`it kills: ${saying}`];
    case 'stop': {
      const isMilder = (one: Step) => one.do === 'stop' && one.on === step.on && one.how !== 'immediate';
      return step.how === 'immediate' && !(step.or && before.some(isMilder))
        ? [`a milder stop was not tried: ${saying}`]
        : [];
    }
    case 'remove':
      return /^(?:(?:standby|recovery)\.signal|recovery\.conf|postmaster\.pid)$/.test(step.file)
        ? []
        : [`it removes a file that is not made again at will: ${saying}`];
    case 'run': {
      const removed = /docker rm --force (\S+)/.exec(step.text)?.[1];
      const container = Object.values(now.servers).find((view) => view.container?.name === removed)?.container;
      return container?.mount === null ? [`the data is in the container that it removes: ${saying}`] : [];
    }
    default:
      return [];
  }
}

/** The parts of a step hold no password, and joined they are its text; a comment may lack the learner's own. */
function wrongParts(step: Step, shownPlan: LabPlan): readonly string[] {
  const { text, parts, command = [] } = stepTexts(step, shownPlan);
  const secrets = new Map(namedSecrets(shownPlan));
  const whole = parts.map((part) => (typeof part === 'string' ? part : secrets.get(part.secret))).join('');
  const plain = [...parts, ...command].filter((part) => typeof part === 'string').join('\n');
  return [
    ...(whole === text || text.startsWith('#') ? [] : [`its parts do not give its text: ${text}`]),
    ...[...secrets.values()].filter((one) => plain.includes(one)).map(() => `a password stands in its parts: ${text}`),
  ];
}

const disk = (view: ServerView | undefined): Disk | undefined =>
  view && !isProblem(view.disk) ? view.disk : undefined;

function wrongEdit({ file, line, text }: Edit, view: ServerView | undefined): readonly string[] {
  const seen = disk(view);
  const content = seen && contentOf(seen, file);
  const isHba = file.endsWith('pg_hba.conf');
  return [
    ...(line === 'new' || (Number.isInteger(line) && Number(line) > 0) ? [] : ['no line']),
    ...(text.trim() === '' || text.includes('\n') ? ['the text is no line'] : []),
    ...(seen && !file.startsWith(`${seen.path}/`) && !file.startsWith('/') && !file.startsWith(`${view?.name}:`)
      ? ['the file is not named as the observation does']
      : []),
    ...(typeof line === 'number' && content !== undefined && content.split('\n').length < line
      ? ['the file has no such line']
      : []),
    ...(typeof line === 'number' && content?.split('\n')[line - 1] === text ? ['it changes nothing'] : []),
    ...(!text.startsWith('#') && (isHba ? parseHba(text) : parseConf(text, file)).errors.length > 0
      ? ['the server refuses the text']
      : []),
  ];
}

const contentOf = ({ conf, hba }: Disk, file: string): string | undefined =>
  [
    ...conf.filter((one): one is Exclude<ConfFile, { unreadable: string }> => 'content' in one),
    ...(hba && 'texts' in hba ? hba.texts : []),
  ].find(({ path }) => path === file)?.content;

/** Only `sync` and `quorum` standbys confirm. Here as the server shows them, which is enough for one standby. */
function waits({ text, waits: isMeant }: Extract<Step, { do: 'sql' }>, view: ServerView | undefined): boolean {
  if (!view || isProblem(view.sql) || view.sql.inRecovery || isMeant) return false;
  const { settings, senders } = view.sql;
  const asked = (settings.synchronous_standby_names?.value ?? '') !== '';
  const level = settings.synchronous_commit?.value ?? 'on';
  const isThere = senders.some(({ syncState, flush }) => ['sync', 'quorum'].includes(syncState) && flush !== null);
  const writes = /\b(?:create|insert|alter role|drop|update|delete)\b/i.test(text);
  return (
    writes && asked && !isThere && !['local', 'off'].includes(level) && !/^SET synchronous_commit = local; /.test(text)
  );
}

/** pg_hba.conf as a person would edit it: who came in before as postgres comes in after, and somebody always does. */
function lockedOut(next: readonly Step[], now: Observation): readonly string[] {
  return Object.values(now.servers).flatMap((view) => {
    const edits = next.filter(
      (step): step is Edit => step.do === 'edit' && step.on === view.name && /pg_hba/.test(step.file),
    );
    const seen = disk(view);
    if (edits.length === 0 || !seen) return [];
    const path = seen.hba?.path ?? edits[0]?.file ?? '';
    const before = contentOf(seen, path) ?? '';
    const [had, has] = [
      before,
      edited(
        before,
        edits.filter(({ file }) => file === path),
      ),
    ].map((text) => comesIn(parseHba(text, { major: now.major }).rules));
    const lost = (had ?? []).filter((way) => !has?.includes(way));
    return lost.length > 0 || has?.length === 0
      ? [`postgres is locked out of ${view.name}: ${JSON.stringify(edits)}`]
      : [];
  });
}

function edited(text: string, edits: readonly Edit[]): string {
  const lines = text.split('\n');
  for (const { line, text } of edits) if (typeof line === 'number') lines[line - 1] = text;
  return [...lines, ...edits.flatMap(({ line, text }) => (line === 'new' ? [text] : []))].join('\n');
}

function comesIn(rules: readonly HbaRule[]): readonly string[] {
  const as = { database: 'postgres', replication: false, user: 'postgres' } as const;
  const local = firstMatch(rules, { ...as, kind: 'local' });
  const host = firstMatch(rules, { ...as, kind: 'host', address: '127.0.0.1' });
  return Object.entries({ local, host }).flatMap(([way, rule]) => (rule && rule.method !== 'reject' ? [way] : []));
}

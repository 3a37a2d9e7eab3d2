/**
 * The state of a lab as facts that can be kept and compared: the text of its configuration files, its signal files, and
 * the roles, slots and settings of its servers, as lines. Secrets are masked and sealed (sealed.ts).
 */
import * as v from 'valibot';
import { maskSetting } from '../../postgres/mask/mask.ts';
import { passwordFits } from '../../postgres/scram.ts';
import { visible } from '../../postgres/visible.ts';
import type { Disk, Observation, Role, ServerView, Sql } from '../observation.ts';
import type { LabPlan } from '../plan/plan.ts';
import { isProblem } from '../problem.ts';
import { recognisedPassword, superuserPasswords } from '../secrets/password-file.ts';
import { shownText } from '../secrets/secrets.ts';
import { isoTime, recordOf, shape } from '../store/json.ts';
import { type Seal, type Shown, sealedText, sealFor, shownFor } from './sealed.ts';

/** Lines of one subject; or why they are not known. */
const part = v.union([v.string(), shape({ unknown: v.string() })]);
export type StatePart = v.InferOutput<typeof part>;

/** By server, then by part: the path of a file as observations show it, or one of `subjects`. */
export const stateFactsJson = shape({ at: isoTime, servers: recordOf(recordOf(part)) });
export type StateFacts = v.InferOutput<typeof stateFactsJson>;

/** What a running server tells of itself. A server that is not there has none of it. */
const told = {
  recovery: 'primary or standby',
  roles: 'roles',
  slots: 'slots',
  settings: 'settings in effect',
} as const;

/** Parts that are no files. `unseen`: stands for all that a data directory has, where it could not be looked at. */
export const subjects = {
  process: 'server',
  directory: 'data directory',
  signals: 'signal files',
  unseen: 'files',
  ...told,
} as const;

/** False while a server starts, or where files could not be read: the next look sees more. */
export const isWhole = ({ servers, unseen }: Observation): boolean =>
  !unseen &&
  Object.values(servers).every(
    ({ disk, process }) => !isProblem(disk) && process.state !== 'starting' && process.state !== 'restarting',
  );

export function stateFactsOf(now: Observation, plan: LabPlan): StateFacts {
  const [seal, shownAs] = [sealFor(plan), shownFor(plan)];
  const passwords = superuserPasswords(plan, recognisedPassword(now), remembered(passwordFits));
  const views = Object.values(now.servers).map((view) => {
    const parts = { ...ofDisk(view, shownAs, seal), ...ofServer(view, plan, seal, passwords[view.name]) };
    return [view.name, parts] as const;
  });
  return { at: now.at, servers: Object.fromEntries(views) };
}

/** Copies of a server have its stored password, and each comparison takes milliseconds. */
function remembered(fits: typeof passwordFits): typeof passwordFits {
  const answers = new Map<string, boolean>();
  return (...given) => {
    const key = JSON.stringify(given);
    const answer = answers.get(key) ?? fits(...given);
    answers.set(key, answer);
    return answer;
  };
}

type Parts = Readonly<Record<string, StatePart>>;

function ofDisk({ disk, process, name }: ServerView, shownAs: Shown, seal: Seal): Parts {
  const runs = ['starting', 'up', 'hung', 'paused', 'restarting'].includes(process.state);
  const state = { [subjects.process]: `${name} ${runs ? 'runs' : 'does not run'}` };
  if (isProblem(disk)) return { ...state, [subjects.unseen]: { unknown: shownAs(disk.what) } };
  return {
    ...state,
    [subjects.directory]: directoryWords[disk.state],
    [subjects.signals]: disk.signals.map(visible).join('\n'),
    ...Object.fromEntries(filesOf(disk).map((file) => [visible(shownAs(file.path)), ofFile(file, shownAs, seal)])),
  };
}

const directoryWords = {
  absent: 'not there',
  empty: 'empty',
  cluster: 'a cluster',
  other: 'files, but no cluster',
} as const satisfies Record<Disk['state'], string>;

type FoundFile = { readonly path: string } & ({ readonly content: string } | { readonly unreadable: string });

/** An including file comes in pieces, each with the whole text. */
function filesOf({ conf, hba, ident }: Disk): readonly FoundFile[] {
  const ofHba = hba === null ? [] : 'unreadable' in hba ? [hba] : hba.texts;
  const byPath = new Map([...conf, ...ofHba, ...(ident ? [ident] : [])].map((file) => [file.path, file]));
  return [...byPath.values()];
}

const ofFile = (file: FoundFile, shownAs: Shown, seal: Seal): StatePart =>
  'content' in file ? sealedText(file.content, shownAs, seal) : { unknown: `it cannot be read: ${file.unreadable}` };

function ofServer({ sql, disk, process, name }: ServerView, plan: LabPlan, seal: Seal, password?: string): Parts {
  if (isProblem(sql)) {
    if (!isProblem(disk) && disk.state !== 'cluster') return {};
    const why = process.state === 'up' ? shownText(sql.what, plan) : `${name} does not run`;
    return Object.fromEntries(Object.values(told).map((subject) => [subject, { unknown: why }]));
  }
  const known = (role: Role): string | undefined =>
    role.name === 'postgres' ? password : role.own === true ? plan.replication.password : undefined;
  return {
    [told.recovery]: sql.inRecovery ? 'standby' : 'primary',
    [told.roles]: sql.roles.map((role) => roleLine(role, known(role), plan, seal)).join('\n'),
    [told.slots]: sql.slots.map((slot) => slotLine(slot, plan)).join('\n'),
    [told.settings]: settingLines(sql, plan, seal).join('\n'),
  };
}

/**
 * A server salts each password that it stores. `known`: which one it is; then the same password, set again, is no
 * change.
 */
function roleLine(role: Role, known: string | undefined, plan: LabPlan, seal: Seal): string {
  const attributes = [
    role.login ? 'LOGIN' : 'NOLOGIN',
    ...(role.superuser ? ['SUPERUSER'] : []),
    ...(role.replication ? ['REPLICATION'] : []),
    ...(role.validUntil === null ? [] : [`VALID UNTIL '${role.validUntil}'`]),
  ];
  const line = visible(shownText(`role ${role.name}: ${attributes.join(' ')}`, plan));
  return role.password === null ? line : seal(`${line} PASSWORD ********`, known ?? role.password);
}

const slotLine = ({ name, kind, temporary }: Sql['slots'][number], plan: LabPlan): string =>
  visible(shownText(`slot ${name}: ${kind}${temporary ? ', temporary' : ''}`, plan));

const settingLines = ({ settings }: Sql, plan: LabPlan, seal: Seal): readonly string[] =>
  Object.entries(settings).map(([name, { value, pendingRestart }]) => {
    const shown = shownText(maskSetting(name, value), plan);
    const written = /^[\w.-]+$/.test(shown) ? shown : `'${shown}'`;
    const line = visible(`${name} = ${written}${pendingRestart ? ' (another value waits for a restart)' : ''}`);
    return shown === value ? line : seal(line, value);
  });

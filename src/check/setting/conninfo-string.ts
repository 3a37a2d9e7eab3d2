/** Judges one connection string: its syntax, address, user, application_name and password. */
import type { Observation, ServerView } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { type Conninfo, parseConninfo } from '../../postgres/conninfo.ts';
import { valueProblem } from '../../postgres/conninfo-values.ts';
import { firstMatch } from '../../postgres/hba/hba.ts';
import type { Fits } from '../../postgres/scram.ts';
import { addressesAt, addressOf, isGateway, isLoopback, publishedPort, serverBehind } from '../network/address.ts';
import { viewOf } from '../view.ts';
import { unmetDemand } from './conninfo-demands.ts';
import { written } from './settings.ts';

export type ConninfoWanted = {
  readonly master: string;
  /** 'slave1' */
  readonly applicationName: string;
  /** The role on the master. */
  readonly user: string;
};

export const stringCauses = [
  'syntax-error',
  'commas',
  'unknown-key',
  'placeholder-left',
  'points-to-itself',
  'wrong-host',
  'wrong-port',
  'wrong-user',
  'no-application-name',
  'wrong-application-name',
  'no-password',
  'wrong-password',
  'unmet-demand',
] as const;
type Wrong = { readonly cause: (typeof stringCauses)[number]; readonly seen: string; readonly why: string };

export function judgeString(
  now: Observation,
  view: ServerView,
  text: string,
  wanted: ConninfoWanted,
  fits: Fits,
): Wrong | undefined {
  const parsed = parseConninfo(text, now.major);
  if ('message' in parsed)
    return {
      cause: 'syntax-error',
      seen: `the connection string is not understood: ${parsed.message}`,
      why: 'it is pairs of key=value with blanks between them; the server would start, but never connect',
    };
  const { params } = parsed;
  const all = Object.entries(params).filter(([key]) => key !== 'password');
  const comma = all.find(([, value]) => /,$|,\s*\w+=/.test(value));
  if (comma)
    return {
      cause: 'commas',
      seen: `the value of ${comma[0]} begins with "${comma[1].replace(/,.*$/s, ',')}", the comma with it`,
      why: 'pairs are parted by blanks; a comma belongs to the value before it',
    };
  if (parsed.unknown.length > 0)
    return {
      cause: 'unknown-key',
      seen: `the key "${parsed.unknown[0]}" is none that PostgreSQL ${now.major} knows`,
      why: 'the server starts all the same; only the connection to the primary fails, again and again',
    };
  const refused = valueProblem(params, now.major);
  if (refused !== undefined)
    return {
      cause: 'syntax-error',
      seen: `libpq refuses a value in the connection string: ${refused}`,
      why: 'the server starts all the same; only the connection to the primary fails, again and again',
    };
  const template = all.find(([, value]) => /[<>]|^(your|the)[_-]/i.test(value));
  if (template)
    return {
      cause: 'placeholder-left',
      seen: `${template[0]} still has the text of a template: ${template[1]}`,
      why: 'the lesson leaves a place for your own value there',
    };
  return (
    wrongAddress(now, view, parsed, wanted) ??
    wrongName(view, params, wanted) ??
    wrongPassword(now, view, params, wanted, fits) ??
    tooMuchAsked(now, params, wanted)
  );
}

function tooMuchAsked(
  now: Observation,
  params: Conninfo['params'],
  { master, user }: ConninfoWanted,
): Wrong | undefined {
  const seen = unmetDemand(params, viewOf(now, master), user);
  return seen === undefined
    ? undefined
    : { cause: 'unmet-demand', seen, why: 'the server starts all the same; the receiver itself ends each connection' };
}

function wrongAddress(
  now: Observation,
  view: ServerView,
  { params }: Conninfo,
  wanted: ConninfoWanted,
): Wrong | undefined {
  const given = params.hostaddr ?? params.host ?? '';
  const port = Number(params.port || 5432);
  const master = viewOf(now, wanted.master);
  const reached = serverBehind(now, view, { host: given, port })?.name;
  if (reached === master.name) return given.startsWith('/') ? socketShut(master, given, wanted) : undefined;
  if (reached === view.name) {
    return {
      cause: 'points-to-itself',
      seen: `${given || 'this machine'}, port ${port} is ${view.name} itself`,
      why: 'it would connect to itself and even report "streaming"; nothing would ever come from the master',
    };
  }
  const mastersAddress = `${addressOf(master).host}, port ${addressOf(master).port}`;
  const isNear = now.engine === 'docker' && isLoopback(given);
  if (isNear || addressesAt(now, master, given).length === 0) {
    if (isAddressOfStopped(master, given)) return undefined;
    return {
      cause: 'wrong-host',
      seen: `the host is ${given}; ${wanted.master} is at ${mastersAddress}`,
      why: hostWords({ view, master }, given, isNear),
    };
  }
  return {
    cause: 'wrong-port',
    seen: `the port is ${port}; ${wanted.master} is at ${mastersAddress}`,
    why: portWords(master, port, params.port !== undefined && params.port !== ''),
  };
}

/** Lines of type host say nothing about a socket, and those of the lab let nobody ask for replication there. */
function socketShut({ name, disk }: ServerView, folder: string, { user }: ConninfoWanted): Wrong | undefined {
  if (isProblem(disk) || !disk.hba || 'unreadable' in disk.hba) return undefined;
  const rule = firstMatch(disk.hba.rules, { kind: 'local', database: '', replication: true, user });
  if (rule && rule.method !== 'reject') return undefined;
  return {
    cause: 'wrong-host',
    seen: `the host is ${folder}, the folder of a socket, and no line of type local lets ${user} ask ${name} for replication`,
    why: 'a line of type host is for connections over TCP',
  };
}

function hostWords(
  { view, master }: { readonly view: ServerView; readonly master: ServerView },
  given: string,
  isNear: boolean,
): string {
  if (isNear) return `inside the container of ${view.name}, ${given} is that container itself, not your machine`;
  if (isGateway(master.container, given))
    return `${given} is the gateway: your machine, as containers see it. What is published there on 127.0.0.1 only, they do not reach`;
  return 'the slave asks for that name or address each time it connects';
}

/** A numeric address cannot be judged while the master's container is stopped, because it has none then. */
const isAddressOfStopped = ({ container }: ServerView, host: string): boolean =>
  container !== undefined && container.state !== 'running' && /^\d+(\.\d+){3}$/.test(host) && !isLoopback(host);

function portWords(master: ServerView, port: number, isGiven: boolean): string {
  if (master.container && publishedPort(master) === port)
    return `${port} is for programs of your machine; in their network the containers reach each other on ${addressOf(master).port}`;
  return isGiven
    ? 'the answer there would be "Connection refused", or come from another server'
    : 'without a port it is 5432';
}

function wrongName(view: ServerView, params: Conninfo['params'], wanted: ConninfoWanted): Wrong | undefined {
  if (params.user !== wanted.user) {
    return {
      cause: 'wrong-user',
      seen: params.user ? `the user is ${params.user}` : 'no user is named',
      why: `the role that may replicate is ${wanted.user}${params.user ? '' : '; without a user it is the name of the system user'}`,
    };
  }
  const cluster = isProblem(view.disk) ? undefined : written(view.disk, 'cluster_name').at(-1)?.value;
  const name = params.application_name || cluster;
  if (!name)
    return {
      cause: 'no-application-name',
      seen: 'there is no application_name',
      why: `the master would know it as walreceiver, and could not tell it from others; lesson 10 calls it ${wanted.applicationName}`,
    };
  if (name.toLowerCase() === wanted.applicationName.toLowerCase()) return undefined;
  return {
    cause: 'wrong-application-name',
    seen: `it calls itself ${name}`,
    why: `the master will wait for ${wanted.applicationName}; a name that differs by a letter is another standby`,
  };
}

function wrongPassword(
  now: Observation,
  view: ServerView,
  params: Conninfo['params'],
  wanted: ConninfoWanted,
  fits: Fits,
): Wrong | undefined {
  const master = viewOf(now, wanted.master).sql;
  const receiver = isProblem(view.sql) ? null : view.sql.receiver;
  const from = { host: receiver?.senderHost ?? '', port: receiver?.senderPort ?? 5432 };
  const works = receiver?.status === 'streaming' && serverBehind(now, view, from)?.name === wanted.master;
  if (works || params.passfile) return undefined;
  if (!params.password)
    return {
      cause: 'no-password',
      seen: 'there is no password in it, and no passfile',
      why: 'the master asks for one, and nobody sits there to type it',
    };
  const stored = isProblem(master) ? undefined : master.roles.find(({ name }) => name === wanted.user)?.password;
  if (!stored || fits(stored, wanted.user, params.password)) return undefined;
  return {
    cause: 'wrong-password',
    seen: `the password in it is not the one of role ${wanted.user} on ${wanted.master}`,
    why: 'the slave would only hear "password authentication failed"',
  };
}

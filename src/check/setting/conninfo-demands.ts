/**
 * What a connection string demands of the other server, and the server does not give: libpq ends the connection itself.
 * Source: documentation, "Parameter Key Words" (libpq-paramkeywords).
 */
import type { ServerView } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import type { Conninfo } from '../../postgres/conninfo.ts';
import { isOff, written } from './settings.ts';

type Params = Conninfo['params'];

/** The demand in words; undefined: none that is known not to be met. */
export function unmetDemand(params: Params, master: ServerView, user: string): string | undefined {
  return tls(params, master) ?? ticket(params) ?? kindOfSession(params, master) ?? method(params, master, user);
}

/** `boot`: the value of a server without a line for the setting. */
function settingOf({ sql, disk }: ServerView, name: string, boot: string): string {
  const inFiles = isProblem(disk) ? undefined : written(disk, name).at(-1)?.value;
  return (isProblem(sql) ? undefined : sql.settings[name]?.value) ?? inFiles ?? boot;
}

function tls({ sslmode, channel_binding: binding }: Params, master: ServerView): string | undefined {
  const demand = /^(require|verify-ca|verify-full)$/.test(sslmode ?? '')
    ? `sslmode=${sslmode}`
    : binding === 'require'
      ? 'channel_binding=require'
      : undefined;
  return demand && isOff(settingOf(master, 'ssl', 'off'))
    ? `${demand} asks for an encrypted connection, and ${master.name} has none to give (ssl = off)`
    : undefined;
}

const ticket = ({ gssencmode }: Params): string | undefined =>
  gssencmode === 'require' ? 'gssencmode=require asks for Kerberos, and nobody in this lab has a ticket' : undefined;

function kindOfSession({ target_session_attrs: wanted = 'any' }: Params, master: ServerView): string | undefined {
  const isStandby = !isProblem(master.sql) && master.sql.inRecovery;
  const isReadOnly = isStandby || !isOff(settingOf(master, 'default_transaction_read_only', 'off'));
  const met: Readonly<Record<string, boolean>> = {
    'read-write': !isReadOnly,
    'read-only': isReadOnly,
    primary: !isStandby,
    standby: isStandby,
  };
  return met[wanted] === false
    ? `target_session_attrs=${wanted} asks for another kind of server than ${master.name} is`
    : undefined;
}

/** A stored SCRAM password is asked for by SCRAM, also by a line that says md5. */
function method({ require_auth: list }: Params, { name, sql }: ServerView, user: string): string | undefined {
  const stored = isProblem(sql) ? null : sql.roles.find((role) => role.name === user)?.password;
  if (!list || !stored?.startsWith('SCRAM-SHA-256$')) return undefined;
  const methods = list.split(',');
  const isMet = list.startsWith('!') ? !methods.includes('!scram-sha-256') : methods.includes('scram-sha-256');
  return isMet ? undefined : `require_auth=${list} refuses scram-sha-256, which is how ${name} asks for a password`;
}

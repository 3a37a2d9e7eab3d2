/** The line of primary_conninfo that is right in this lab. */
import type { Observation } from '../../lab/observation.ts';
import { formatConninfo } from '../../postgres/conninfo.ts';
import { addressOf } from '../network/address.ts';
import { type Edit, ownPassword } from '../verdict.ts';
import { viewOf } from '../view.ts';

export type ConninfoWanted = {
  readonly master: string;
  /** 'slave1' */
  readonly applicationName: string;
  /** The role on the master. */
  readonly user: string;
};

export const conninfoLine = (now: Observation, { master, applicationName, user }: ConninfoWanted): string => {
  const { host, port } = addressOf(viewOf(now, master));
  const params = { application_name: applicationName, host, port: String(port), user, password: ownPassword };
  return `primary_conninfo = '${formatConninfo(params).replaceAll("'", "''")}'`;
};

/** Writes it in place of the line that counts, else as a new one. */
export const conninfoEdit = (now: Observation, server: string, wanted: ConninfoWanted): Edit => ({
  do: 'edit',
  on: server,
  file: 'postgresql.conf',
  text: conninfoLine(now, wanted),
});

/** The line of primary_conninfo that the lessons ask for, and the steps that write it. */
import type { Observation } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { quoteConf } from '../../postgres/conf/conf.ts';
import { formatConninfo } from '../../postgres/conninfo.ts';
import { addressOf } from '../network/address.ts';
import { ownPassword, type Step } from '../verdict.ts';
import { viewOf } from '../view.ts';
import type { ConninfoWanted } from './conninfo-string.ts';
import { mainConf, written } from './settings.ts';

export const lineFor = (now: Observation, { master, applicationName, user }: ConninfoWanted): string => {
  const { host, port } = addressOf(viewOf(now, master));
  const params = { application_name: applicationName, host, port: String(port), user, password: ownPassword };
  return `primary_conninfo = ${quoteConf(formatConninfo(params))}`;
};

/** The last line of the setting becomes the right one; where it is that already, the server has to read it. */
export function conninfoSteps(now: Observation, server: string, wanted: ConninfoWanted): readonly Step[] {
  const { disk } = viewOf(now, server);
  const line = isProblem(disk) ? undefined : written(disk, 'primary_conninfo').at(-1);
  const file = isProblem(disk) ? 'postgresql.conf' : mainConf(disk);
  return [
    {
      do: 'edit',
      on: server,
      ...(line ? { file: line.path, line: line.line } : { file }),
      text: lineFor(now, wanted),
    },
    { do: 'reload', on: server },
  ];
}

/** Judges the value of synchronous_standby_names. */

import type { Observation, Sql } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { parseSyncNames, type SyncNames, syncPriority } from '../../postgres/sync/names.ts';
import { viewOf } from '../view.ts';

export const valueCauses = [
  'hyphen',
  'names-syntax-error',
  'number-as-name',
  'name-differs',
  'more-than-there-are',
] as const;
type Wrong = { readonly cause: (typeof valueCauses)[number]; readonly seen: string; readonly why: string };

/** undefined: the value names the standby, and so many standbys are there as it asks for. */
export function judgeNames(now: Observation, master: string, value: string, name: string): Wrong | undefined {
  const names = parseSyncNames(value);
  if (!names) return undefined;
  if ('message' in names) {
    if (/\w-\w/.test(value.replace(/"[^"]*"/g, '')))
      return {
        cause: 'hyphen',
        seen: `'${value}' has a name with a hyphen`,
        why: 'such a name needs double quotes inside the single ones: \'first 1 ("my-slave")\'',
      };
    return {
      cause: 'names-syntax-error',
      seen: `'${value}' is not understood: ${names.message}`,
      why: 'the form is: first 1 (name, name); the number and the brackets belong together',
    };
  }
  if (names.names.every((one) => /^\d+$/.test(one)))
    return {
      cause: 'number-as-name',
      seen: `'${value}' is a standby called ${names.names[0]}`,
      why: 'a number alone is a name; no such standby exists, so every commit would wait',
    };
  if (syncPriority(names, name) === 0)
    return {
      cause: 'name-differs',
      seen: `'${value}' does not name ${name}`,
      why: `the name is the application_name of the standby; ${connectedNames(now, master)}. For a name that nobody has, every commit waits`,
    };
  if (tooMany(names, viewOf(now, master).sql))
    return {
      cause: 'more-than-there-are',
      seen: `'${value}' asks for ${names.count} standbys, and ${connectedNames(now, master)}`,
      why: 'the view may still say sync, but every commit waits until so many have confirmed',
    };
  return undefined;
}

function connectedNames(now: Observation, master: string): string {
  const { sql } = viewOf(now, master);
  const names = isProblem(sql) ? [] : sql.senders.map(({ applicationName }) => applicationName);
  if (names.length === 0) return 'nobody is connected now';
  return `only ${names.join(', ')} ${names.length > 1 ? 'are' : 'is'} connected now`;
}

/** Counts connected standbys by name, those that are still catching up too. Two standbys of one name both count. */
function tooMany(names: SyncNames, sql: Sql | { readonly what: string }): boolean {
  const connected =
    'senders' in sql ? sql.senders.filter((one) => syncPriority(names, one.applicationName) > 0).length : undefined;
  const most = names.names.includes('*') ? names.count : names.names.length;
  return names.count > 1 && (connected ?? most) < names.count;
}

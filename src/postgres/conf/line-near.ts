/** Finds the line of postgresql.conf or pg_hba.conf at which an editor opens. */
import { parseConf } from './conf.ts';

/** The last line (from 1) that sets the name in `near`, else the last commented-out one, else the end of the text. */
export function lineNear(text: string, near: string): number {
  const name = parseConf(near, '').settings[0]?.name;
  const { settings, commented } = parseConf(text, '');
  const found = [commented, settings].map((lines) => lines.findLast((line) => line.name === name));
  return (found[1] ?? found[0])?.line ?? Math.max(text.replace(/\n$/, '').split('\n').length, 1);
}

/** Where in postgresql.conf or pg_hba.conf a line belongs, for an editor. */
import { parseConf } from './conf.ts';

/** The last line, from 1, that sets what `near` sets; else the last one that does so behind a `#`; else the end of the text, where new lines go. */
export function lineNear(text: string, near: string): number {
  const name = parseConf(near, '').settings[0]?.name;
  const { settings, commented } = parseConf(text, '');
  const found = [commented, settings].map((lines) => lines.findLast((line) => line.name === name));
  return (found[1] ?? found[0])?.line ?? Math.max(text.replace(/\n$/, '').split('\n').length, 1);
}

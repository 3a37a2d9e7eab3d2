import { isAbsolute, relative } from 'node:path';

/** A path as observations show it: relative to the lab folder when it is inside. */
export const inLab = (dir: string, path: string): string => {
  const inside = relative(dir, path);
  return inside.startsWith('..') || isAbsolute(inside) ? path : inside;
};

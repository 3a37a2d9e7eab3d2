/** Bundles parts of the program that are measured separately, in the same way as the program. */
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { bundling } from '../../bundling.ts';

/** Resolves with the path of the bundle. */
export async function bundled(entry: string, folder: string): Promise<string> {
  const outfile = join(folder, basename(entry).replace(/\.tsx?$/, '.mjs'));
  await build({ ...bundling, entryPoints: [entry], outfile });
  return outfile;
}

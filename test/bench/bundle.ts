/** Parts of the program that are measured by themselves, bundled as the program is. */
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { bundling } from '../../bundling.ts';

/** The path of what `node` runs. */
export async function bundled(entry: string, folder: string): Promise<string> {
  const outfile = join(folder, basename(entry).replace(/\.tsx?$/, '.mjs'));
  await build({ ...bundling, entryPoints: [entry], outfile });
  return outfile;
}

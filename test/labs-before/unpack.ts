/** A lab of an earlier version, unpacked into a folder of the test, with its own ports. */
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { copyFiles } from '../../src/lab/files/copy-files.ts';
import { anyFreePort } from '../../src/lab/plan/ports.ts';
import { unpackInto } from './archive.ts';

/** What an archive has: labs of an engine, or a native lab with steps, a snapshot and starts. */
export type Archive = 'native' | 'docker' | 'states';
export const lessonsBefore = ['lesson-3', 'lesson-8', 'lesson-12'] as const;
export type LessonBefore = (typeof lessonsBefore)[number];
export type LabNameBefore = LessonBefore | 'lesson-4';

const here = fileURLToPath(new URL('.', import.meta.url));

/** The versions with archived labs, the oldest first. */
export const versionsBefore = (engine: Archive): readonly string[] =>
  readdirSync(here)
    .flatMap((name) => new RegExp(`^(.+)-${engine}\\.tar\\.br$`).exec(name)?.[1] ?? [])
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));

/** Files that contain a lab's folder and ports. Logs and data are not changed. */
const namesItsPlace = /\/([^/]+\.json|postgresql(\.auto)?\.conf|bin\/[^/]+)$/;
const port = /((?:\b|\\n)port\s*=\s*|"(?:port|HostPort|relayPort|master|slave)":\s*"?)(\d+)/g;

/** Unpacks the lab into `folder`, on Docker with the description of its containers. Resolves with the lab's folder. */
export async function unpackBefore(
  folder: string,
  engine: Archive,
  version: string,
  lesson: LabNameBefore,
): Promise<string> {
  const kept = await archived(engine, version);
  const names = (await readdir(kept)).filter((name) => new RegExp(`^${lesson}(?![0-9])`).test(name));
  for (const name of names) await copyFiles(join(kept, name), join(folder, name));
  const ports = new Map<string, number>();
  for (const usual of ['5432', '5433', '5442']) ports.set(usual, await anyFreePort(new Set(ports.values())));
  for (const path of names.flatMap((name) => placesIn(join(folder, name)))) {
    const text = readFileSync(path, 'utf8').replaceAll(`/tmp/labs-before/${engine}`, folder);
    const isInside = engine === 'docker' && path.endsWith('.conf'); // servers in containers all have port 5432
    const there = text.replace(port, (_, before: string, number: string) => `${before}${ports.get(number) ?? number}`);
    writeFileSync(path, isInside ? text : there); // written in place, so owner and mode stay
  }
  return join(folder, lesson);
}

const placesIn = (path: string): readonly string[] => {
  if (!lstatSync(path).isDirectory()) return namesItsPlace.test(path) ? [path] : [];
  return readdirSync(path).flatMap((name) => (/^(base|global|pg_.*)$/.test(name) ? [] : placesIn(join(path, name))));
};

const unpacked = new Map<string, Promise<string>>();
afterAll(async () => {
  for (const folder of await Promise.all(unpacked.values())) rmSync(folder, { recursive: true, force: true });
});

/** The unpacked labs of an archive, unchanged, once for each test file. */
function archived(engine: Archive, version: string): Promise<string> {
  const name = `${version}-${engine}.tar.br`;
  const known = unpacked.get(name) ?? unpack(join(here, name), engine);
  unpacked.set(name, known);
  return known;
}

async function unpack(file: string, engine: Archive): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'rw-before-'));
  await unpackInto(file, folder, { owners: engine === 'docker' });
  return folder;
}

/** A lab made before, in a folder and on ports of the test's own. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { anyFreePort } from '../../src/lab/ports.ts';
import { unpackInto } from './archive.ts';

export type Engine = 'native' | 'docker';
export const lessonsBefore = ['lesson-3', 'lesson-8', 'lesson-12'] as const;
export type LessonBefore = (typeof lessonsBefore)[number];

const here = fileURLToPath(new URL('.', import.meta.url));

/** Versions of which labs are kept, the oldest first. */
export const versionsBefore = (engine: Engine): readonly string[] =>
  readdirSync(here)
    .flatMap((name) => new RegExp(`^(.+)-${engine}\\.tar\\.br$`).exec(name)?.[1] ?? [])
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));

/** Files in which a lab's folder and ports stand. Logs and data stay as they are. */
const namesItsPlace = /\/([^/]+\.json|postgresql(\.auto)?\.conf|bin\/[^/]+)$/;
const port = /(\bport\s*=\s*|"(?:port|HostPort|relayPort)":\s*"?)(\d+)/g;

/** `folder` gets the lab, and on Docker what is known of its containers beside it. */
export async function unpackBefore(
  folder: string,
  engine: Engine,
  version: string,
  lesson: LessonBefore,
): Promise<string> {
  const ports = new Map<string, number>();
  for (const usual of ['5432', '5433', '5442']) ports.set(usual, await anyFreePort(new Set(ports.values())));
  const placed = (name: string, text: string): string => {
    const moved = text.replaceAll(`/tmp/labs-before/${engine}`, folder);
    if (engine === 'docker' && name.endsWith('.conf')) return moved; // inside a container every server has port 5432
    return moved.replace(port, (_, before: string, number: string) => `${before}${ports.get(number) ?? number}`);
  };
  await unpackInto(join(here, `${version}-${engine}.tar.br`), folder, {
    wanted: (name) => (new RegExp(`^${lesson}(?![0-9])`).test(name) ? name : undefined),
    changed: (name, content) =>
      namesItsPlace.test(`/${name}`) ? Buffer.from(placed(name, content.toString('utf8'))) : content,
    ...(engine === 'docker' ? { owners: true } : {}),
  });
  return join(folder, lesson);
}

/**
 * Killed programs on Docker: nothing of the learner's is lost, and no container is left that is of no state. The
 * harness is that of `../cli/kill.test.ts`, of whose `REPL_WORKSHOP_KILLS` this makes a twentieth.
 */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, inject, it } from 'vitest';
import { listBackups } from '../../src/lab/backup/backup-folder.ts';
import { readLab } from '../../src/lab/folder.ts';
import { labels } from '../../src/lab/plan/plan-seen.ts';
import { type Campaign, type Counted, play } from '../cli/kills/campaign.ts';
import { engineCommandsAt, isRemoval } from '../cli/kills/commands.ts';
import { kills } from '../cli/kills/kill.ts';
import { type Person, person } from '../cli/kills/person.ts';
import { everything } from '../everything.ts';
import type {} from './global.ts';
import { imageOf, whyNoImage } from './lab.ts';
import { docker } from './learner.ts';

const wanted = Math.ceil(Number(process.env.REPL_WORKSHOP_KILLS ?? 0) / 20);
const seed = Number(process.env.REPL_WORKSHOP_SEED ?? 1);
const shareMs = everything ? 60_000 : 3_000;

const linesOf = async (...args: string[]): Promise<readonly string[]> =>
  (await docker(...args)).split('\n').filter((line) => line !== '');
const containers = (prefix: string, format: string) =>
  linesOf('ps', '--all', '--filter', `name=${prefix}-`, '--format', format);

/** Labs with data in folders. Each has names of its own, since the last one's containers may be there still. */
function killsOnDocker(who: Person, image: string): Campaign {
  const campaign = kills(who, engineCommandsAt);
  const prefixOf = (dir: string) => `killed-${basename(dir)}`;
  return {
    ...campaign,
    starts: [3, 8],
    place(number) {
      const place = campaign.place(number);
      if (!place) return undefined;
      const prefix = prefixOf(place.dir);
      const options = ['--engine', 'docker', '--pg', '15', '--name', prefix, '--image', image];
      return {
        ...place,
        who: { ...place.who, options },
        async [Symbol.asyncDispose]() {
          const ids = await containers(prefix, '{{.ID}}');
          if (ids.length > 0) await docker('rm', '--force', '--volumes', ...ids);
        },
      };
    },
    async left({ dir }, commands) {
      const found = await containers(prefixOf(dir), '{{.Names}} {{.State}}');
      if (commands.some(isRemoval)) return found.map((one) => `left after the removal: ${one}`);
      const marks = listBackups(dir).map(({ path }) => basename(path));
      const helpers = `label=${labels.helper}=${readLab(dir)?.plan.id}`;
      return [
        ...found
          .filter((one) => /\.before-/.test(one) && !marks.some((mark) => one.includes(`.before-${mark} `)))
          .map((one) => `a container of no state: ${one}`),
        ...found.filter((one) => one.endsWith(' paused')),
        ...(await linesOf('ps', '--all', '--filter', helpers, '--format', 'a helper is left: {{.Names}}')),
      ];
    },
  };
}

it('nothing is lost or left behind on Docker, whenever a command is killed', { timeout: 24 * 3_600_000 }, async ({
  skip,
}) => {
  const [engine, image] = [inject('docker'), imageOf(15)];
  if ('why' in engine || !image) return skip(whyNoImage(15));
  if (!existsSync('dist/repl-workshop.cjs')) return skip('the program is not built');
  using own = person(false);
  const who = { ...own, env: { ...own.env, DOCKER_HOST: `unix://${engine.socketPath}` } };
  const end = performance.now() + shareMs;
  const enough = (times: number) => (wanted > 0 ? times >= wanted : times > 0 && performance.now() >= end);
  const told = ({ times, by, findings }: Counted) =>
    void (wanted > 0 && console.log([`${times} ${JSON.stringify(by)}`, ...findings].join(' | ')));
  const counted = await play(killsOnDocker(who, image), seed, enough, told);
  console.log(`killed on Docker: ${counted?.times} (${JSON.stringify(counted?.by)}), seed ${seed}`);
  expect(counted?.findings).toEqual([]);
  expect(counted?.times).toBeGreaterThan(0);
});

/**
 * Every verdict is true, and its advice leads out: states that no lesson lists, on real servers.
 *
 * REPL_WORKSHOP_LEAD_OUT=300 plays so many states on each of REPL_WORKSHOP_MAJORS, and REPL_WORKSHOP_LEAD_OUT_LOG names
 * a file for what was said and done in each. Without it, a few states on the newest major; with every test switched on,
 * six minutes of them. REPL_WORKSHOP_LEAD_OUT_ONLY, a regular expression, leaves those whose words it matches.
 */
import { appendFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forShareOf } from '../campaign.ts';
import { everything } from '../everything.ts';
import { newRandom, seed } from '../postgres/against/random.ts';
import { builds } from '../postgres/against/server.ts';
import { type Bench, openBench, shrunk } from './campaign.ts';
import { familiesAt } from './grammar.ts';
import { known, knownAs } from './known.ts';
import type { Fault } from './play.ts';
import { type Played, storyOf, table, wordsOf } from './table.ts';

const asked = Number(process.env.REPL_WORKSHOP_LEAD_OUT ?? 0);
const logFile = process.env.REPL_WORKSHOP_LEAD_OUT_LOG;
const only = new RegExp(process.env.REPL_WORKSHOP_LEAD_OUT_ONLY ?? '');
const shareMs = everything ? 6 * 60_000 : 20_000;
const longRun = 300;

const here = asked > 0 ? await builds() : (await builds()).slice(-1);

describe.each(here)('the lead-out test on PostgreSQL $major', (build) => {
  let bench: Bench;
  const all: Played[] = [];
  beforeAll(async () => {
    bench = await openBench(build);
  }, 300_000);
  afterAll(async () => {
    console.log(`PostgreSQL ${build.major}, seed ${seed}\n${table(all)}`);
    await bench?.[Symbol.asyncDispose]();
  }, 60_000);

  it('verdicts are true, and advice leads out', { timeout: 4 * 3_600_000 }, async () => {
    const found: string[] = [];
    const seen = new Set<unknown>();
    for (const state of chosenStates(
      () => bench,
      () => all.length,
    )) {
      const outcome = await bench.play(state);
      if ('leftOut' in outcome) continue;
      all.push({ state, outcome });
      if (logFile) appendFileSync(logFile, storyOf({ state, outcome }));
      const kinds = new Set<Fault>(); // a round repeats what the one before had
      for (const { kind, what } of outcome.faults) {
        const entry = knownAs(kind, `${what}\n${wordsOf(state)}`);
        seen.add(entry);
        if (!entry && !kinds.has(kind)) found.push(await reported(bench, state, kind, what));
        kinds.add(kind);
      }
    }
    expect(found).toEqual([]);
    if (all.length >= longRun) expect(known.filter((entry) => !seen.has(entry))).toEqual([]);
  });
});

/** The smallest state with the fault. */
async function reported(bench: Bench, state: Played['state'], kind: Fault, what: string): Promise<string> {
  return `${kind}: ${what}\n  ${wordsOf(await shrunk(bench, state, kind))}`;
}

function* chosenStates(bench: () => Bench, played: () => number) {
  const turns = asked > 0 ? countUp(3 * asked, () => played() < asked) : forShareOf(shareMs);
  for (const { n } of turns) {
    const random = newRandom(`lead-out ${n}`);
    const lesson = random.pick(bench().numbers);
    const state = bench().state(random, lesson, random.pick(['listed', ...familiesAt(lesson)]));
    if (state && only.test(wordsOf(state))) yield state;
  }
}

/** Some states cannot be made, and are left out. */
function* countUp(most: number, goesOn: () => boolean) {
  for (let n = 0; n < most && goesOn(); n++) yield { n };
}

/** Random test cases that can be repeated: by one seed, which is printed when a test fails. */

/**
 * REPL_WORKSHOP_SEED: another seed gives other cases. The default is constant, so that a failing build is caused by its
 * change.
 * REPL_WORKSHOP_CASES: how many cases each reader gets on each major; else those of a share of time (agree.ts).
 */
export const seed = Number(process.env.REPL_WORKSHOP_SEED ?? 1);
export const casesOr = (usual: number): number => Number(process.env.REPL_WORKSHOP_CASES ?? usual);

export type Random = {
  /** 0 … below - 1 */
  readonly int: (below: number) => number;
  readonly chance: (ofOne: number) => boolean;
  readonly pick: <T>(list: readonly T[]) => T;
  /** Returns between `least` and `most` values. */
  readonly some: <T>(least: number, most: number, make: () => T) => T[];
  /** Makes values until one is wanted. */
  readonly until: <T>(make: () => T, isWanted: (value: T) => boolean) => T;
};

/** mulberry32, because 32 bits of state are enough for test cases. `salt` gives each reader its own cases. */
export function newRandom(salt: string): Random {
  let state = [...`${seed} ${salt}`].reduce((hash, char) => Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0, 7);
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (below: number): number => Math.floor(next() * below);
  return {
    int,
    chance: (ofOne) => next() < ofOne,
    pick: <T>(list: readonly T[]): T => {
      if (list.length === 0) throw new Error('nothing to pick from');
      return list[int(list.length)] as T;
    },
    some: (least, most, make) => Array.from({ length: least + int(most - least + 1) }, make),
    until: (make, isWanted) => {
      for (;;) {
        const value = make();
        if (isWanted(value)) return value;
      }
    },
  };
}

/** Changes a text in one to three places: a part is removed, doubled or moved, or an unusual piece is inserted. */
export function mutate(random: Random, text: string, strange: readonly string[]): string {
  let now = [...text]; // by whole characters, because a file cannot contain half a surrogate pair
  for (let left = 1 + random.int(3); left > 0; left--) {
    const at = random.int(now.length + 1);
    const length = random.chance(0.7) ? 1 : 1 + random.int(8);
    const part = now.slice(at, at + length);
    const [before, after] = [now.slice(0, at), now.slice(at + length)];
    now = random.pick([
      () => [...before, ...after],
      () => [...before, ...part, ...part, ...after],
      () => [...before, random.pick(strange), ...part, ...after],
      () => [...before, random.pick(strange), ...after],
      () => [...after, ...before, ...part],
    ])();
  }
  return now.join('');
}

/** The bytes of a text with one to three of them replaced by others, as a text of one character for each byte. */
export function anyBytes(random: Random, text: string): string {
  const bytes = [...Buffer.from(text).toString('latin1')];
  for (let left = 1 + random.int(3); left > 0; left--) {
    const byte = String.fromCharCode(random.chance(0.5) ? random.int(32) : 127 + random.int(129));
    bytes.splice(random.int(bytes.length + 1), random.int(2), byte);
  }
  return bytes.join('');
}

export const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');

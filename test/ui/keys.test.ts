import { expect, it } from 'vitest';
import type { Session, SessionEvent } from '../../src/session/session.ts';
import { update } from '../../src/session/update.ts';
import type { Key } from '../../src/ui/keys/key.ts';
import { type Mode, modeOf } from '../../src/ui/keys/mode.ts';
import { keys } from '../../src/ui/keys/table.ts';
import { openStage, sceneNames } from '../screens/scenes.ts';

const namesTwice = (rows: readonly Key[]): readonly string[] => {
  const names = rows.flatMap((row) => row.names);
  return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))];
};

it.each(Object.keys(keys) as Mode[])('in the mode "%s" each of two rows for the same key has a condition', (mode) => {
  const unconditional = keys[mode].filter(({ when }) => !when);
  const conditional = keys[mode].filter(({ when }) => when);
  expect(namesTwice(unconditional)).toEqual([]);
  const always = new Set(unconditional.flatMap(({ names }) => names));
  expect(conditional.flatMap(({ names }) => names).filter((name) => always.has(name))).toEqual([]);
});

/** Yields every scene with each combination of the fields that the conditions read. */
async function* sessions(): AsyncGenerator<Session> {
  const stage = await openStage();
  const all = sceneNames.map((name) => stage(name, 120, 40));
  const search: SessionEvent = { kind: 'intent', intent: { do: 'in log', move: { to: 'search' } } };
  const inLogs = all.filter((session) => modeOf(session) === 'log').map((session) => update(session, search)[0]);
  for (const session of [...all, ...inLogs]) {
    for (const pane of ['words', 'tasks', 'servers'] as const)
      for (const block of [null, 0])
        for (const step of [null, 0])
          for (const operation of [null, { do: 'measure', distance: 0 } as const])
            for (const justLeft of [false, true])
              yield {
                ...session,
                pane,
                block,
                step,
                operation,
                terminal: session.terminal && { ...session.terminal, justLeft },
              };
  }
}

it('a key of the key tables never has two meanings at once, in any scene', async () => {
  const seen = new Set<Mode>();
  for await (const session of sessions()) {
    const mode = modeOf(session);
    seen.add(mode);
    const active = keys[mode].filter(({ when }) => when?.(session) ?? true);
    expect(namesTwice(active), `${mode}: ${session.pane}, ${session.block}, ${session.step}`).toEqual([]);
  }
  expect([...seen].sort()).toEqual(Object.keys(keys).sort()); // a mode without a scene would not be tested
});

import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/lab/observation.ts';
import { differenceOf } from '../../src/lab/state/difference.ts';
import { stateFactsOf } from '../../src/lab/state/facts.ts';
import type { StateComparison } from '../../src/learner/states.ts';
import type { Effect } from '../../src/session/session.ts';
import { keyIntent } from '../../src/ui/keys/table.ts';
import { frameMaker } from '../../src/ui/layout/frame.ts';
import { plainText } from '../../src/ui/page/prose.ts';
import { spokenOf } from '../../src/ui/spoken.ts';
import { at, conf, hbaLines, state } from '../check/lab.ts';
import { createSession, here, plan } from './fixture.ts';

type Screen = ReturnType<typeof createSession>;
const context = { notes: [], root: false, planOf: () => [] };
const look = (screen: Screen, now: Observation) =>
  screen.dispatch({
    kind: 'observed',
    now,
    learner: screen.session.learner,
    saves: screen.session.saves,
  });
const press = (screen: Screen, key: string) => {
  const intent = keyIntent(key, screen.session, frameMaker(context)(screen.session).reach);
  if (!intent) throw new Error(`${key} means nothing here`);
  return screen.press(intent);
};
const kept = (effects: readonly Effect[]) => effects.flatMap((one) => (one.do === 'keep start' ? one.lesson : []));
const asked = (effects: readonly Effect[]) => effects.flatMap((one) => (one.do === 'compare' ? one.against : []));

describe('the start of a lesson', () => {
  it('is kept once, at the first look', () => {
    const screen = createSession({ changes: [here('servers')] });
    expect(kept(look(screen, at(3).now))).toEqual(['servers']);
    expect(kept(look(screen, at(4).now))).toEqual([]);
  });

  it('is kept for the next lesson too, also where nothing has changed since', () => {
    const screen = createSession({ changes: [here('servers')] });
    look(screen, at(3).now);
    screen.press({ do: 'skip' });
    screen.press({ do: 'accept' });
    expect(kept(look(screen, at(3).now))).toEqual(['streaming']);
  });

  it.each([
    ['while a server starts', {}, at(3, state('slave', 'starting')).now],
    ['on a screen that only looks', { readOnly: true }, at(3).now],
  ])('is not kept %s', (_, given, now) => {
    expect(kept(look(createSession({ ...given, changes: [here('servers')] }), now))).toEqual([]);
  });

  it('is not kept while a command in another terminal changes the lab, but at the first look after it', () => {
    const screen = createSession({ changes: [here('servers')] });
    expect(kept(screen.dispatch({ kind: 'observed at work', now: at(3).now }))).toEqual([]);
    expect(kept(look(screen, at(3).now))).toEqual(['servers']);
    screen.dispatch({ kind: 'observed at work', now: at(3).now });
    expect(kept(look(screen, at(3).now))).toEqual(['servers']); // an undo may have brought back a lab without it
  });
});

describe('the sheet of changes', () => {
  const found: StateComparison = {
    with: 'start',
    lesson: 'servers',
    at: '2026-11-23T14:00:00.000Z',
    servers: differenceOf(
      stateFactsOf(at(5).now, plan),
      stateFactsOf(at(5, hbaLines('# mine'), conf('slave', 'work_mem = 8MB')).now, plan),
    ),
  };
  const open = () => {
    const screen = createSession({ changes: [here('servers')] });
    look(screen, at(5).now);
    expect(asked(press(screen, 'v'))).toEqual(['start']);
    return screen;
  };
  const text = ({ session }: Screen) => plainText(frameMaker(context)(session).lines);

  it('compares, shows what was found, and closes with the same key', () => {
    const screen = open();
    expect(text(screen)).toContain('Comparing …');
    screen.dispatch({ kind: 'compared', against: 'start', found });
    expect(text(screen)).toContain('+work_mem = 8MB');
    press(screen, 'v');
    expect(screen.session.overlay).toBeNull();
  });

  it('turns to the solution and back, and ignores what comes too late', () => {
    const screen = open();
    expect(asked(press(screen, 'tab'))).toEqual(['solution']);
    screen.dispatch({ kind: 'compared', against: 'start', found });
    expect(text(screen)).toContain('Comparing …');
    screen.dispatch({ kind: 'compared', against: 'solution', found: { what: 'It is not prepared.', fix: 'Wait.' } });
    expect(text(screen)).toContain('It is not prepared.');
    expect(asked(press(screen, 'left'))).toEqual(['start']);
  });

  it('compares again after a look that saw something else', () => {
    const screen = open();
    expect(asked(look(screen, at(5).now))).toEqual([]);
    expect(asked(look(screen, at(5, hbaLines('# mine')).now))).toEqual(['start']);
  });

  it('is read aloud with words in place of signs', () => {
    const screen = open();
    screen.dispatch({ kind: 'compared', against: 'start', found });
    expect(spokenOf(screen.session, context).over).toContain('added: work_mem = 8MB');
  });
});

import { render } from 'ink-testing-library';
import { afterEach, describe, expect, it } from 'vitest';
import { keyIntent } from '../../src/ui/keys/table.ts';
import { frameMaker } from '../../src/ui/layout/frame.ts';
import { plainText } from '../../src/ui/page/prose.ts';
import { Screen } from '../../src/ui/screen.tsx';
import { createSession, done, here } from '../session/fixture.ts';

const draw = frameMaker({ notes: [], root: false, planOf: () => [] });
let leave = () => {};
afterEach(() => leave());

/** The real screen over a test session. `press` resolves when the key has been dispatched. */
function open(screen: ReturnType<typeof createSession>) {
  let changed = () => {};
  let pressed: (name: string) => void = () => {};
  let rows: readonly string[] = [];
  const show = () => {
    rows = plainText(draw(screen.session).lines).split('\n');
    changed();
  };
  show();
  const screenful = {
    rows: () => rows,
    subscribe: (watch: () => void) => {
      changed = watch;
      return () => {};
    },
  };
  const onKey = (name: string) => {
    const intent = keyIntent(name, screen.session, draw(screen.session).reach);
    if (intent) screen.press(intent);
    show();
    pressed(name);
  };
  const ink = render(<Screen screenful={screenful} onKey={onKey} />);
  leave = ink.unmount;
  const press = async (keys: string, count = 1) => {
    await new Promise(setImmediate); // a key in the tick of render() is lost
    let left = count;
    const through = new Promise<void>((resolve) => {
      pressed = () => --left <= 0 && resolve();
    });
    ink.stdin.write(keys);
    await through;
    await new Promise(setImmediate);
  };
  return { press, lines: () => (ink.lastFrame() ?? '').split('\n') };
}

const inServers = { changes: [done('guess/who-writes'), here('servers')] };
const atServers = (columns = 100, rows = 28) => {
  const screen = createSession({ ...inServers, columns, rows });
  screen.observe({ slave: 'stopped' });
  return screen;
};

describe('keys', () => {
  it('keys scroll the words of a lesson, and stop at the end', async () => {
    const screen = atServers();
    const { press, lines } = open(screen);
    await press('\u001b[B');
    expect(screen.session.scroll.words).toBe(1);
    await press('\u001b[F');
    const end = screen.session.scroll.words;
    await press('j');
    expect(screen.session.scroll.words).toBe(end);
    expect(lines().join('\n')).not.toContain('↓ more');
  });

  it('several keys that the terminal sends at once are all read', async () => {
    const screen = atServers();
    const { press } = open(screen);
    await press('jjj', 3);
    expect(screen.session.scroll.words).toBe(3);
  });

  it('a number key shows a task beside its words', async () => {
    const screen = atServers();
    const { press, lines } = open(screen);
    await press('3');
    expect(lines().join('\n')).toContain('## A write is refused');
    expect(lines().join('\n')).toContain('“The slave runs” comes');
  });

  it('keys have another meaning while a question is open', async () => {
    const screen = createSession({ columns: 80, rows: 24 });
    screen.observe();
    const { press, lines } = open(screen);
    await press('\r');
    expect(lines().at(-1)).toBe(' ↑↓ choose  Enter answer  a b c answer at once  l logs  m map  Esc close');
    await press('b');
    expect(lines().join('\n')).toContain('✔ Right.');
    expect(screen.session.learner.progress.lesson).toBe('guess');
  });

  it('Esc closes the overlay over the lesson', async () => {
    const screen = atServers();
    const { press } = open(screen);
    await press('g');
    expect(screen.session.overlay?.kind).toBe('lessons');
    await press('\u001b');
    expect(screen.session.overlay).toBeNull();
  });

  it('keys choose another lesson from the lesson list', async () => {
    const screen = atServers();
    const { press, lines } = open(screen);
    await press('g');
    await press('\u001b[B');
    await press('\r');
    expect(lines()[0]).toContain('3/3  The slave follows');
  });

  it('quitting asks first, also with Ctrl-C', async () => {
    const screen = atServers();
    const { press, lines } = open(screen);
    await press('\u0003');
    expect(lines().at(-1)).toBe(' l leave them running  s stop them  Esc stay here');
    await press('s');
    expect(screen.allEffects.at(-1)).toEqual({ do: 'quit', stopServers: true });
  });
});

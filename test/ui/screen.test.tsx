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

/** The real screen over a session in a room. `press` waits until the key has come through. */
function open(room: ReturnType<typeof createSession>) {
  let changed = () => {};
  let pressed: (name: string) => void = () => {};
  let rows: readonly string[] = [];
  const show = () => {
    rows = plainText(draw(room.session).lines).split('\n');
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
    const intent = keyIntent(name, room.session, draw(room.session).reach);
    if (intent) room.press(intent);
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
  const room = createSession({ ...inServers, columns, rows });
  room.observe({ slave: 'stopped' });
  return room;
};

describe('keys', () => {
  it('scroll the words, and stop at their end', async () => {
    const room = atServers();
    const { press, lines } = open(room);
    await press('\u001b[B');
    expect(room.session.scroll.words).toBe(1);
    await press('\u001b[F');
    const end = room.session.scroll.words;
    await press('j');
    expect(room.session.scroll.words).toBe(end);
    expect(lines().join('\n')).not.toContain('↓ more');
  });

  it('are all heard when the terminal sends several at once', async () => {
    const room = atServers();
    const { press } = open(room);
    await press('jjj', 3);
    expect(room.session.scroll.words).toBe(3);
  });

  it('show a task beside its words', async () => {
    const room = atServers();
    const { press, lines } = open(room);
    await press('3');
    expect(lines().join('\n')).toContain('## A write is refused');
    expect(lines().join('\n')).toContain('“The slave runs” comes');
  });

  it('mean something else while a question is open', async () => {
    const room = createSession({ columns: 80, rows: 24 });
    room.observe();
    const { press, lines } = open(room);
    await press('\r');
    expect(lines().at(-1)).toBe(' ↑↓ choose  Enter answer  a b c answer at once  l logs  m map  Esc close');
    await press('b');
    expect(lines().join('\n')).toContain('✔ Right.');
    expect(room.session.learner.progress.lesson).toBe('guess');
  });

  it('close what lies over the lesson with Esc', async () => {
    const room = atServers();
    const { press } = open(room);
    await press('g');
    expect(room.session.overlay?.kind).toBe('lessons');
    await press('\u001b');
    expect(room.session.overlay).toBeNull();
  });

  it('lead from the lesson list to another lesson', async () => {
    const room = atServers();
    const { press, lines } = open(room);
    await press('g');
    await press('\u001b[B');
    await press('\r');
    expect(lines()[0]).toContain('3/3  The slave follows');
  });

  it('ask before leaving, also Ctrl-C', async () => {
    const room = atServers();
    const { press, lines } = open(room);
    await press('\u0003');
    expect(lines().at(-1)).toBe(' l leave them running  s stop them  Esc stay here');
    await press('s');
    expect(room.asked.at(-1)).toEqual({ do: 'quit', stopServers: true });
  });
});

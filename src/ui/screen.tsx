/** Puts frames on the terminal and reads its keys. All it knows of the session is a list of lines. */
import { Box, type Key, render, Static, Text, useCursor, useInput } from 'ink';
import { memo, useEffect, useSyncExternalStore } from 'react';
import { mouseOff, mouseOn } from '../terminal/escapes.ts';
import { leaveKey } from '../terminal/input.ts';

/** The lines to show, outside React: a new list only when something changed. */
export interface Screenful {
  readonly rows: () => readonly string[];
  readonly cursor?: () => { readonly x: number; readonly y: number } | null; // null: none is shown
  readonly isSpoken?: boolean; // rows are only ever added to, and read aloud
  readonly mouse?: () => boolean; // is the mouse to be heard?
  readonly subscribe: (changed: () => void) => () => void;
}

type Terminal = { readonly stdin: NodeJS.ReadStream; readonly stdout: NodeJS.WriteStream };

/** Opens the full screen; the result closes it and gives the terminal back. */
export function openInk(
  screenful: Screenful,
  onKey: (name: string) => void,
  { stdin, stdout }: Terminal,
): () => Promise<void> {
  const write = (text: string) => void stdout.write(text);
  const ink = render(<Screen screenful={screenful} onKey={onKey} write={write} />, {
    stdin,
    stdout,
    alternateScreen: !screenful.isSpoken,
    isScreenReaderEnabled: screenful.isSpoken === true,
    incrementalRendering: true,
    exitOnCtrlC: false,
    patchConsole: false,
    maxFps: 60,
  });
  return async () => {
    ink.unmount();
    await ink.waitUntilExit();
  };
}

export function Screen({
  screenful,
  onKey,
  write,
}: {
  readonly screenful: Screenful;
  readonly onKey: (name: string) => void;
  readonly write?: (text: string) => void;
}) {
  const rows = useSyncExternalStore(screenful.subscribe, screenful.rows);
  useCursor().setCursorPosition(screenful.cursor?.() ?? undefined); // it moves with a new list of rows only
  const hasMouse = screenful.mouse?.() ?? false; // whoever changes it does so on a sheet that shows it
  useEffect(() => {
    if (!hasMouse || !write) return undefined;
    write(mouseOn);
    return () => write(mouseOff); // at every end that ink knows: ours, a signal, an error
  }, [hasMouse, write]);
  useInput((input, key) => {
    for (const name of keyNames(input, key)) onKey(name);
  });
  if (screenful.isSpoken) return <Static items={[...rows]}>{(row, at) => <Text key={at}>{row}</Text>}</Static>;
  return (
    <Box flexDirection="column" height={rows.length} overflow="hidden">
      {rows.map((row, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row of the terminal is its place
        <Row key={at} text={row} />
      ))}
    </Box>
  );
}

const Row = memo(({ text }: { readonly text: string }) => <Text wrap="truncate">{text === '' ? ' ' : text}</Text>);

/** Names as the key table has them. One read of the terminal can hold several keys. */
function keyNames(input: string, key: Key): readonly string[] {
  const special = specialKeys.find(([is]) => key[is])?.[1];
  if (special) return [special];
  if (key.ctrl) return [`ctrl-${input}`];
  if (key.meta) return [];
  return [...input].map((sign) =>
    sign === ' '
      ? 'space'
      : sign === '\r' || sign === '\n'
        ? 'enter'
        : sign === '\t'
          ? 'tab'
          : sign === leaveKey
            ? 'ctrl-]'
            : sign,
  );
}

const specialKeys = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'esc'],
  ['tab', 'tab'],
  ['backspace', 'backspace'],
  ['delete', 'backspace'], // what most terminals send for that key
] as const;

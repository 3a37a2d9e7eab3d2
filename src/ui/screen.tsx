/** Shows frames on the terminal and reads its keys. It knows nothing of the session but a list of lines. */
import { Box, type Key, render, Static, Text, useCursor, useInput } from 'ink';
import { memo, useEffect, useSyncExternalStore } from 'react';
import { mouseOff, mouseOn } from '../terminal/escapes.ts';
import { leaveKey } from '../terminal/input.ts';

/** The lines to show, as a store outside React: `rows` returns a new list only when something changed. */
export interface Screenful {
  readonly rows: () => readonly string[];
  readonly cursor?: () => { readonly x: number; readonly y: number } | null; // null: no cursor is shown
  readonly isSpoken?: boolean; // for a screen reader: rows are only added
  readonly mouse?: () => boolean; // whether the terminal reports the mouse
  readonly subscribe: (changed: () => void) => () => void;
}

type Terminal = { readonly stdin: NodeJS.ReadStream; readonly stdout: NodeJS.WriteStream };

/** Opens the full screen. The returned function closes it and resolves when the terminal is restored. */
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
  useCursor().setCursorPosition(screenful.cursor?.() ?? undefined); // the cursor moves only with a new list of rows
  const hasMouse = screenful.mouse?.() ?? false; // read on render: a change of the setting redraws the settings sheet
  useEffect(() => {
    if (!hasMouse || !write) return undefined;
    write(mouseOn);
    return () => write(mouseOff); // at every end that ink handles: unmount, a signal, an error
  }, [hasMouse, write]);
  useInput((input, key) => {
    for (const name of keyNames(input, key)) onKey(name);
  });
  if (screenful.isSpoken) return <Static items={[...rows]}>{(row, at) => <Text key={at}>{row}</Text>}</Static>;
  return (
    <Box flexDirection="column" height={rows.length} overflow="hidden">
      {rows.map((row, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row of the terminal is identified by its position
        <Row key={at} text={row} />
      ))}
    </Box>
  );
}

const Row = memo(({ text }: { readonly text: string }) => <Text wrap="truncate">{text === '' ? ' ' : text}</Text>);

/** Names of the key table. One read of the terminal can contain several keys. */
function keyNames(input: string, key: Key): readonly string[] {
  const special = specialKeys.find(([flag]) => key[flag])?.[1];
  if (special) return [special];
  if (key.ctrl) return [`ctrl-${input}`];
  if (key.meta) return [];
  return [...input].map((character) =>
    character === ' '
      ? 'space'
      : character === '\r' || character === '\n'
        ? 'enter'
        : character === '\t'
          ? 'tab'
          : character === leaveKey
            ? 'ctrl-]'
            : character,
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
  ['delete', 'backspace'], // most terminals send it for the backspace key
] as const;

/** The colours of each style in each palette, as plain data, so that tests can compute the contrast. */
import type { Style } from './layout/wrap.ts';

/** Foreground colours only: the background is the terminal's own. theme.ts chooses the palette. */
export type Palette = 'dark' | 'light' | 'contrast on dark' | 'contrast on light';

/**
 * A colour for each colour depth: `rgb` for true colour, `cube` for xterm's 256, `basic` for the 16 colours of the
 * learner's own scheme (null: its foreground).
 */
export type Ink = { readonly rgb: string; readonly cube: number; readonly basic: Basic | null };
type Hue = 'red' | 'green' | 'yellow' | 'magenta' | 'cyan';
type Basic = Hue | `${Hue}Bright` | 'blue' | 'white';

/**
 * Without `ink`: the terminal's foreground. `dim` is used with 16 colours only, where a grey of the scheme may have the
 * colour of the background.
 */
export type TextStyle = {
  readonly ink?: Ink;
  readonly bold?: true;
  readonly dim?: true;
  readonly italic?: true;
  readonly underline?: true;
  readonly inverse?: true;
};

/** One accent, three colours for a state, two greys, and violet for keywords. */
type Inks = Readonly<Record<'accent' | 'good' | 'warning' | 'trouble' | 'quiet' | 'faint' | 'violet', Ink>>;

const ink = (rgb: string, cube: number, basic: Basic | null): Ink => ({ rgb, cube, basic });

// biome-ignore format: a table
const inks: Readonly<Record<Palette, Inks>> = {
  dark: {
    accent: ink('#7fd4e0', 116, 'cyan'), good: ink('#9fd68a', 150, 'green'),
    warning: ink('#ebc97a', 222, 'yellow'), trouble: ink('#ff9d98', 210, 'red'),
    quiet: ink('#a9b3c1', 249, null), faint: ink('#768193', 245, null), violet: ink('#cbaef2', 183, 'magenta'),
  },
  light: {
    accent: ink('#005f87', 24, 'blue'), good: ink('#1d6325', 22, null),
    warning: ink('#7a4a00', 94, 'magenta'), trouble: ink('#a8201a', 124, 'red'),
    quiet: ink('#4f5866', 240, null), faint: ink('#7d8593', 244, null), violet: ink('#6b3fa0', 54, 'magenta'),
  },
  'contrast on dark': {
    accent: ink('#7fefff', 123, 'cyanBright'), good: ink('#8dff8d', 120, 'greenBright'),
    warning: ink('#ffe066', 227, 'yellowBright'), trouble: ink('#ffaaa5', 217, 'redBright'),
    quiet: ink('#e4e4e4', 254, null), faint: ink('#bcbcbc', 250, null), violet: ink('#e3c7ff', 225, 'magentaBright'),
  },
  'contrast on light': {
    accent: ink('#00406b', 17, 'blue'), good: ink('#00420a', 22, null),
    warning: ink('#552f00', 52, 'magenta'), trouble: ink('#7d0000', 88, 'red'),
    quiet: ink('#303030', 236, null), faint: ink('#4e4e4e', 239, null), violet: ink('#451a78', 54, 'magenta'),
  },
};

export const stylesOf = (palette: Palette): Readonly<Record<Style, TextStyle>> => {
  const { accent, good, warning, trouble, quiet, faint, violet } = inks[palette];
  const hasContrast = palette.startsWith('contrast'); // nothing is dimmed
  const grey: TextStyle = hasContrast ? { ink: quiet } : { ink: quiet, dim: true };
  return {
    text: {},
    strong: { bold: true },
    emphasis: { italic: true },
    heading: { bold: true },
    title: { ink: accent, bold: true },
    code: { ink: accent },
    link: { underline: true },
    keyword: { ink: violet },
    string: { ink: good },
    comment: grey,
    number: { ink: warning },
    name: { ink: accent },
    bar: hasContrast ? { ink: faint } : { ink: faint, dim: true },
    detail: grey,
    log: {},
    note: { ink: accent },
    good: { ink: good },
    warning: { ink: warning },
    error: { ink: trouble },
    trouble: { ink: trouble },
    key: { ink: accent, bold: true },
    chosen: { inverse: true },
    found: { bold: true, underline: true },
    passed: { ink: good, bold: true },
  };
};

import { describe, expect, it } from 'vitest';
import { piece } from '../../src/ui/layout/wrap.ts';
import { type Ink, type Palette, stylesOf } from '../../src/ui/palette.ts';
import { backgroundFrom, backgroundOf, createPainter, paletteOf } from '../../src/ui/theme.ts';

/** The backgrounds on which a palette must be readable: the extremes of the defaults of terminals. */
const grounds: Readonly<Record<Palette, readonly string[]>> = {
  dark: ['#000000', '#1e1e1e', '#2e3440'],
  light: ['#ffffff', '#fdf6e3', '#eeeeee'],
  'contrast on dark': ['#000000', '#1e1e1e'],
  'contrast on light': ['#ffffff', '#f5f5f5'],
};
const palettes = Object.keys(grounds) as Palette[];

/** The contrast ratio of two colours. Source: WCAG 2.2, "relative luminance" and "contrast ratio". */
function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}
function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The colours 16 to 255 of xterm. */
function cube(index: number): string {
  const grey = 8 + (index - 232) * 10;
  const step = (power: number) => Math.floor((index - 16) / power) % 6;
  const parts = index >= 232 ? [grey, grey, grey] : [36, 6, 1].map(step).map((at) => (at === 0 ? 0 : 55 + at * 40));
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

const colours = ({ rgb, cube: index }: Ink) => [rgb, cube(index)];

describe('every palette', () => {
  it.each(palettes)('the palette %s is readable, in 256 colours and in true colour', (palette) => {
    const least = palette.startsWith('contrast') ? 7 : 4.5;
    const poor = Object.entries(stylesOf(palette)).flatMap(([style, { ink }]) =>
      (ink ? colours(ink) : []).flatMap((colour) =>
        grounds[palette]
          .map((ground) => ({ style, colour, ground, ratio: contrast(colour, ground) }))
          // Frame lines need less contrast than text.
          .filter(({ ratio }) => ratio < (style === 'bar' ? Math.min(least, 4.5) - 1.5 : least)),
      ),
    );
    expect(poor).toEqual([]);
  });

  it('no palette uses one of the 16 colours that is invisible on its background', () => {
    const basic = (palette: Palette) => Object.values(stylesOf(palette)).flatMap(({ ink }) => ink?.basic ?? []);
    for (const palette of ['light', 'contrast on light'] as const)
      expect(basic(palette).filter((name) => /yellow|cyan|white|green|Bright/.test(name))).toEqual([]);
    for (const palette of ['dark', 'contrast on dark'] as const)
      expect(basic(palette).filter((name) => name === 'blue')).toEqual([]);
  });
});

describe('the painter', () => {
  const line = [piece('✔ done', 'good'), piece(' · later', 'detail')];
  const paint = (level: 0 | 1 | 2 | 3, ascii = false) => createPainter({ palette: 'dark', ascii, level })(line);

  it('the painter writes as many colours as the terminal has', () => {
    expect(paint(0)).toBe('✔ done · later');
    expect(paint(1)).toBe('\u001b[32m✔ done\u001b[39m\u001b[2m · later\u001b[22m');
    expect(paint(2)).toBe('\u001b[38;5;150m✔ done\u001b[39m\u001b[38;5;249m · later\u001b[39m');
    expect(paint(3)).toContain('\u001b[38;2;159;214;138m✔ done');
  });

  it('the painter writes ASCII where the terminal can show nothing else', () => {
    expect(paint(0, true)).toBe('+ done . later');
  });

  it('the painter keeps the styles of another program, but no colour where none is wanted', () => {
    const foreign = [{ ...piece('vim'), sgr: '1;38;5;12' }];
    expect(createPainter({ palette: 'dark', ascii: false, level: 2 })(foreign)).toBe('\u001b[1;38;5;12mvim\u001b[0m');
    expect(createPainter({ palette: 'dark', ascii: false, level: 0 })(foreign)).toBe('vim');
  });
});

describe('the background', () => {
  it('the background is what the terminal answers', () => {
    expect(backgroundFrom('rgb:ffff/fafa/e0e0')).toBe('light');
    expect(backgroundFrom('rgb:1e/1e/1e')).toBe('dark');
    expect(backgroundFrom('rgba:0000/0000/0000/ffff')).toBe('dark');
    expect(backgroundFrom('blue')).toBeUndefined();
  });

  it('the background is what COLORFGBG says, else dark', () => {
    expect(backgroundOf({ COLORFGBG: '0;15' })).toBe('light');
    expect(backgroundOf({ COLORFGBG: '0;default;7' })).toBe('light');
    expect(backgroundOf({ COLORFGBG: '15;0' })).toBe('dark');
    expect(backgroundOf({ COLORFGBG: 'default;default' })).toBe('dark');
    expect(backgroundOf({})).toBe('dark');
  });

  it('the background chooses the palette only where the learner has not', () => {
    expect(paletteOf('auto', 'light')).toBe('light');
    expect(paletteOf('dark', 'light')).toBe('dark');
    expect(paletteOf('contrast', 'light')).toBe('contrast on light');
  });
});

/** `settings.json`: how the learner wants the screen, and where they were reading. No check knows it, and no reset forgets it. */
export type ThemeChoice = 'auto' | 'dark' | 'light' | 'contrast'; // auto: as the terminal's background is
export type Ground = 'dark' | 'light'; // what the terminal has behind the text
export type GlyphChoice = 'auto' | 'unicode' | 'ascii'; // auto: as the locale says

export type Settings = {
  readonly schema: 1;
  readonly theme: ThemeChoice;
  readonly glyphs: GlyphChoice;
  readonly mouse: boolean;
  readonly motion: boolean; // false: nothing moves by itself
  readonly left: number | null; // share of the lesson on a wide screen, in percent; null: as wide as it reads best
  readonly welcomed: string | null; // ISO time of the first welcome
  readonly reading: Readonly<Record<string, number>>; // lesson id → the first line in sight, as a share of the page in thousandths
};

export const usualSettings: Settings = {
  schema: 1,
  theme: 'auto',
  glyphs: 'auto',
  mouse: true,
  motion: true,
  left: null,
  welcomed: null,
  reading: {},
};

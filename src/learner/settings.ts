/**
 * `settings.json`: how the learner wants the screen, and where they were reading. No check knows it, and no reset
 * forgets it.
 */
import * as v from 'valibot';
import { amount, isoTime, recordOf, schemaNumber, shape } from '../lab/store/json.ts';

const themeChoice = v.picklist(['auto', 'dark', 'light', 'contrast']); // auto: as the terminal's background is
const glyphChoice = v.picklist(['auto', 'unicode', 'ascii']); // auto: as the locale says
export type ThemeChoice = v.InferOutput<typeof themeChoice>;
export type GlyphChoice = v.InferOutput<typeof glyphChoice>;
export type Background = 'dark' | 'light'; // what the terminal has behind the text

/** A file of an earlier version may lack what has come since: that is as usual. */
export const settingsJson = shape({
  schema: schemaNumber,
  theme: v.optional(themeChoice, 'auto'),
  glyphs: v.optional(glyphChoice, 'auto'),
  mouse: v.optional(v.boolean(), true),
  motion: v.optional(v.boolean(), true), // false: nothing moves by itself
  left: v.optional(v.nullable(v.pipe(amount, v.maxValue(100, 'a percentage'))), null), // share of the lesson on a wide screen, in percent; null: as wide as it reads best
  welcomed: v.optional(v.nullable(isoTime), null), // ISO time of the first welcome
  reading: v.optional(recordOf(v.pipe(amount, v.maxValue(1000, 'a share in thousandths'))), {}), // lesson id → the first line in sight, as a share of the page in thousandths
});
export type Settings = v.InferOutput<typeof settingsJson>;

export const usualSettings: Settings = v.parse(settingsJson, { schema: 1 });

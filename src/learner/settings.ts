/**
 * `settings.json`: the learner's choices for the screen, and reading positions. No check reads it, and a reset keeps
 * it.
 */
import * as v from 'valibot';
import { amount, isoTime, recordOf, schemaNumber, shape } from '../lab/store/json.ts';

const themeChoice = v.picklist(['auto', 'dark', 'light', 'contrast']); // auto: by the terminal's background
const glyphChoice = v.picklist(['auto', 'unicode', 'ascii']); // auto: by the locale
export type ThemeChoice = v.InferOutput<typeof themeChoice>;
export type GlyphChoice = v.InferOutput<typeof glyphChoice>;
export type Background = 'dark' | 'light'; // of the terminal

/** Fields that a file of an earlier version lacks get their defaults. */
export const settingsJson = shape({
  schema: schemaNumber,
  theme: v.optional(themeChoice, 'auto'),
  glyphs: v.optional(glyphChoice, 'auto'),
  mouse: v.optional(v.boolean(), true),
  motion: v.optional(v.boolean(), true), // false: no animations
  /** Width of the lesson on a wide screen, in percent; null: the width that reads best. */
  left: v.optional(v.nullable(v.pipe(amount, v.maxValue(100, 'a percentage'))), null),
  welcomed: v.optional(v.nullable(isoTime), null), // ISO time at which the welcome was first shown
  /** Lesson id → position of the first visible line, in thousandths of the page. */
  reading: v.optional(recordOf(v.pipe(amount, v.maxValue(1000, 'a share in thousandths'))), {}),
});
export type Settings = v.InferOutput<typeof settingsJson>;

export const usualSettings: Settings = v.parse(settingsJson, { schema: 1 });

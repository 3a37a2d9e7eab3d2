/** Measures how many columns of a terminal a text takes. */
import stringWidth from 'string-width';
import { narrowColumns } from './narrow.ts';

/** string-width is slow: measuring every text with it would take half the time of a frame. */
export const columns = (text: string): number => narrowColumns(text) ?? stringWidth(text);

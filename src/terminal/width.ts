/** How many columns of a terminal a text takes. */
import stringWidth from 'string-width';
import { narrowColumns } from './narrow.ts';

/** string-width is slow: asking it for every text would take half the time of a frame. */
export const columns = (text: string): number => narrowColumns(text) ?? stringWidth(text);

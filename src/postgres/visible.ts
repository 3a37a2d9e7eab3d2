/**
 * Text of others, fit for a terminal, a file or a page: what would not be seen, or would do something there, is shown as '\u001b'. These are the control
 * characters but tab and line end, marks of format (the direction of writing, no width), the other line ends, and halves of pairs.
 * The form is the one of JSON, so that text in JSON stays JSON of the same meaning. Each is shown where it stands, so nothing new comes of what is left.
 */
export const visible = (text: string): string => (hidden.test(text) ? text.replace(every, shown) : text);

const hidden = /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const every = /\r\n|(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const shown = (found: string): string =>
  found === '\r\n'
    ? '\n'
    : [...Array(found.length).keys()].map((at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');

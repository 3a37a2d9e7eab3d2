/**
 * Makes untrusted text fit for a terminal, a file or a page: characters that are invisible, or that control a terminal,
 * are shown as '\u001b'. Those are control characters except tab and line feed, format characters (writing direction,
 * zero width), other line ends, and lone surrogates. The form is JSON's, so that JSON text keeps its meaning. Each
 * character is replaced in place, so that nothing new is formed from the rest.
 */
export const visible = (text: string): string => (hidden.test(text) ? text.replace(allHidden, shown) : text);

const hidden = /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const allHidden = /\r\n|(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const shown = (found: string): string =>
  found === '\r\n'
    ? '\n'
    : [...Array(found.length).keys()].map((at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');

/** Escape sequences that the workshop writes to the learner's terminal, and the marks of a paste that it reads. Source: xterm, "Control Sequences". */

/** Presses and the wheel, with numbers of any size ("Mouse Tracking", 1000 and 1006). */
export const mouseOn = '\u001b[?1000h\u001b[?1006h';
export const mouseOff = '\u001b[?1006l\u001b[?1000l';

/** Bracketed paste: the terminal puts marks around pasted text, so that its characters are not taken for keys. */
export const pasteMarksOn = '\u001b[?2004h';
export const pasteMarksOff = '\u001b[?2004l';
export const pasteBegin = '\u001b[200~';
export const pasteEnd = '\u001b[201~';

/** OSC 11 asks for the background colour. A terminal that does not know it sends no answer; the Linux console would show it. */
export const askBackground = '\u001b]11;?\u001b\\';

/**
 * Undoes what a killed program leaves: the alternate screen (1047, since 1049 would also move the cursor), application keys, colours, mouse reports,
 * marks of a paste, a hidden cursor.
 */
export const resetTerminal =
  '\u001b[?1047l\u001b[?1l\u001b>\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1006l\u001b[?2004l\u001b[0m\u001b[?25h';

/**
 * Escape sequences that the workshop writes to the learner's terminal, and the marks of a paste that it reads.
 * Source: xterm, "Control Sequences".
 */

/** Reports presses, releases and the wheel (1000), with coordinates of any size (1006). Source: "Mouse Tracking". */
export const mouseOn = '\u001b[?1000h\u001b[?1006h';
export const mouseOff = '\u001b[?1006l\u001b[?1000l';

/** Bracketed paste: the terminal puts marks around pasted text, so that its characters are not read as keys. */
export const pasteMarksOn = '\u001b[?2004h';
export const pasteMarksOff = '\u001b[?2004l';
export const pasteBegin = '\u001b[200~';
export const pasteEnd = '\u001b[201~';

/**
 * OSC 11 asks for the background colour. Terminals without OSC 11 send no answer; the Linux console prints it as
 * text.
 */
export const askBackground = '\u001b]11;?\u001b\\';

/**
 * Resets what a killed program may leave on: the alternate screen (1047, because 1049 also moves the cursor),
 * application keys, mouse reports, bracketed paste, colours and a hidden cursor.
 */
export const resetTerminal =
  '\u001b[?1047l\u001b[?1l\u001b>\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1006l\u001b[?2004l\u001b[0m\u001b[?25h';

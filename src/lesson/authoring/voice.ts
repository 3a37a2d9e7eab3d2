/** What a machine can see of the ten rules of the voice (LESSONS.md, "The voice"): words and forms that break one. */

/** `rule`: its number in LESSONS.md; `words`: as they are in the text. */
export type VoiceBreak = { readonly rule: number; readonly words: string };

type Sign = { readonly rule: number; readonly pattern: RegExp };

/** Each pattern is tried on prose without code. */
const signs: readonly Sign[] = [
  { rule: 1, pattern: /\bthe one (?:who|that|which)\b/gi },
  { rule: 1, pattern: /\b[Ww]hoever\b/g },
  { rule: 2, pattern: /\b(?:stands|standing) (?!still\b)/gi },
  { rule: 2, pattern: /\bstand (?:there|here|in|under|on|above|below|behind|beside|alone)\b/gi },
  { rule: 2, pattern: /\b(?:it|file|files|folder|data|copy|they|what|that) lies?\b/gi },
  { rule: 3, pattern: /\bbeats?\b/gi },
  { rule: 3, pattern: /\btells?(?= ?[.,;:!]|$)/gi },
  { rule: 3, pattern: /\b(?:as PostgreSQL has it|wants to be told)\b/gi },
  { rule: 4, pattern: /\b(?:doors?|moved in|hangs? up|lets? go|good-bye|thrown out)\b/gi },
  { rule: 5, pattern: /\b(?:asks?|asked) for (?:its|the) log\b/gi },
  { rule: 6, pattern: /\bthe (?:second|other|first) one\b/gi },
  { rule: 7, pattern: /\b(?:right so|not meant so)\b/gi },
  { rule: 8, pattern: /\b(?:somebody|nobody|everybody)\b/gi },
  { rule: 9, pattern: /\b(?:mend(?:s|ed|ing)?|deeds?|anew|rubbish|blanks?)\b/gi },
  { rule: 9, pattern: /\blook(?:s|ed)? (?:at )?(?:whether|what|which|if)\b/gi },
  { rule: 9, pattern: /\buntil 1[0-9]\b/gi },
  { rule: 9, pattern: /\b(?:first|last|next|very|each|every|a|one) sign\b/gi },
  { rule: 10, pattern: /\b(?:waits?|runs?|hangs?|holds?|is gone|is away|is paused) since\b/gi },
  { rule: 10, pattern: /\bbelongs? into\b/gi },
  { rule: 10, pattern: /\b(?:called so|called like (?:that|this)|is meant so|meant so)\b/gi },
];

/**
 * The breaks in a piece of prose: a paragraph, a list item, a cell, a message. Inline code and quoted log lines are not
 * judged: they are somebody else's words.
 */
export function voiceBreaks(text: string): readonly VoiceBreak[] {
  const prose = text.replace(/`[^`]*`/g, '`…`').replace(/"[^"]*"/g, '"…"');
  const found = signs.flatMap(({ rule, pattern }) => [...prose.matchAll(pattern)].map(([words]) => ({ rule, words })));
  return [...found, ...sentencesOf(prose).flatMap(whoClause)];
}

/**
 * A sentence that begins with "Who …" and is no question: a clause in the place of a noun (rule 1). A title may begin
 * with "What".
 */
const whoClause = (sentence: string): readonly VoiceBreak[] =>
  /^(?:Who\b.*[^?]|(?:What|Which)\b.*[.!;:])$/.test(sentence) ? [{ rule: 1, words: sentence }] : [];

const sentencesOf = (prose: string): readonly string[] =>
  prose.split(/(?<=[.!?:;])\s+/).map((sentence) => sentence.trim());

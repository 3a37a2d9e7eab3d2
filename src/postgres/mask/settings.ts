/**
 * Masks connection strings that are recognised by the text before them: a setting, a subscription, a call of dblink.
 */
import { maskConninfo } from './conninfo.ts';
import { finder } from './secret-value.ts';

const settings =
  /(?:primary_conninfo(?:['"]?\s{0,8}(?:changed to|=|to\b|,)\s{0,8}|\s{1,8}(?='))|\bconnection\s{1,8}|\bdblink_?[a-z]{0,20}\s{0,8}\(\s{0,8})(?=['"])/gi;

export function maskSettings(text: string): string {
  const out: string[] = [];
  let at = 0;
  settings.lastIndex = 0;
  const lineEnd = finder(text, '\n');
  for (let match = settings.exec(text); match; match = settings.exec(text)) {
    const open = match.index + match[0].length;
    const ends = lineEnd(open);
    const line = text.slice(open + 1, ends === -1 ? text.length : ends);
    const isLog = text[open] === '"';
    const close = isLog ? line.lastIndexOf('"') : closing(line);
    const raw = close === -1 ? line : line.slice(0, close);
    const inner = isLog ? raw : raw.replace(/''|\\'/g, "'");
    const shown =
      /^\s*postgres(?:ql)?:\/\/|^[^'"]{0,64}=/.test(inner) || /primary_conninfo/i.test(match[0])
        ? maskConninfo(inner)
        : inner;
    if (shown !== inner) {
      out.push(text.slice(at, open + 1), isLog ? shown : shown.replaceAll("'", "''"));
      at = open + 1 + raw.length;
    }
    settings.lastIndex = open + 1 + raw.length;
  }
  out.push(text.slice(at));
  return out.join('');
}

function closing(line: string): number {
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '\\' || (line[at] === "'" && line[at + 1] === "'")) at++;
    else if (line[at] === "'") return at;
  }
  return -1;
}

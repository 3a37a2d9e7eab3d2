/** Recognises words that name a secret: 'password', words that end in it ('PGPASSWORD', 'x.password'), and typos. */

const exact = /(?:passw(?:or)?d|passphrase|passcode|secrets?|[_.]pass|^pass|pwd|^pw)$/;
const short = /^(?:p?a?ss?wd?|p[as]{1,3}wd)$/; // 'paswd', 'passw'
const mayBeTypo = /^[a-z]{6,10}$/;
const prefix = /^(?:pg|ssl|postgres|postgresql|db|user|ldapbind|my)/;

/** Keys of pg_hba.conf whose value continues after blanks, because its quotes may be missing. */
export const isHbaSecret = (word: string): boolean => /^(?:ldapbindpasswd|radiussecrets?)$/i.test(word);

/** `word` has letters, digits and '_', '.', '-', perhaps percent-encoded. Its last 40 characters are compared. */
export function isSecretWord(word: string): boolean {
  const text = decoded(word.slice(-40)).toLowerCase();
  if (exact.test(text)) return !/(?:^|[_.-])(?:by|com|com_|over|under|tres)pass$/.test(text);
  const last = text.slice(Math.max(text.lastIndexOf('.'), text.lastIndexOf('_'), text.lastIndexOf('-')) + 1);
  return isTypo(last) || isTypo(last.replace(prefix, ''));
}

const decoded = (word: string): string =>
  word.includes('%')
    ? word.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : word;

const isTypo = (word: string): boolean =>
  short.test(word) || (mayBeTypo.test(word) && hasMost(word) && distance(word, 'password') <= 2);

/** With two wrong letters, six are right: a cheap test that few words pass. */
function hasMost(word: string): boolean {
  let found = 0;
  for (const letter of 'pasword') if (word.includes(letter)) found++;
  return found >= 5;
}

/** Edit distance: the number of wrong, missing, additional and swapped letters. */
function distance(a: string, b: string): number {
  let previousRow: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (previousRow[j - 2] ?? 0) + 1);
      next.push(least);
    }
    previousRow = row;
    row = next;
  }
  return row[b.length] ?? 0;
}

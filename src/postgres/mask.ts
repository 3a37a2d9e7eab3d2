/** Takes secrets out of text for people: passwords in connection strings and URIs, stored verifiers, PASSWORD '…' in SQL. */
export function maskText(text: string): string {
  if (text.length < shortest || !mayHoldSecret.test(text)) return text;
  return secrets.reduce((masked, [pattern, shown]) => masked.replace(pattern, shown), text);
}

/** JSON text with every string in it masked. Masked as one text, a secret at the end of a string would take what follows with it. */
export const maskedJson = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) => (typeof each === 'string' ? maskText(each) : each));

const mask = '********';
const shortest = 6; // characters: '://:x@'
const mayHoldSecret = /passw|SCRAM-SHA-256\$|md5[0-9a-f]{32}|:\/\/|oauth_client_secret|radiussecret/i;

// An opening quote without its end hides all that follows: a server logs the statement that it could not read.
const quoted = `''(?:\\\\.|[^'\\\\])*''|'(?:\\\\.|''|[^'\\\\])*(?:'|$)`;
const bare = `[^\\s'"]\\S*?(?=["'),;\\]}]*(?:\\s|$))`; // the quote or bracket that ends the surrounding text stays

const secrets: readonly (readonly [RegExp, string])[] = [
  // password=…, PGPASSWORD=…, POSTGRES_PASSWORD=…, sslpassword=…, ?password=… in a URI; quoted as '…', as ''…'' inside a setting, or not at all
  [
    new RegExp(
      `((?:\\w*passw(?:or)?d|oauth_client_secret|radiussecrets?)\\s*=\\s*)(?:${quoted}|"[^"\\n]*"|[^\\s'"&]*(?=&\\w+=)|${bare})`,
      'gi',
    ),
    `$1${mask}`,
  ],
  [/("\w*passw(?:or)?d"\s*:\s*)"(?:\\.|[^"\\])*(?:"|$)/gi, `$1"${mask}"`], // "password": "…" in JSON
  [/(:\/\/[^\s:/?#@'"]*):[^\s/'"]*@/g, `$1:${mask}@`],
  [
    new RegExp(`(\\bpassword\\s+)(?:[eE]|[uU]&)?(?:${quoted}|"[^"\\n]*"|\\$(\\w*)\\$[\\s\\S]*?(?:\\$\\2\\$|$))`, 'gi'),
    `$1'${mask}'`,
  ],
  [/(SCRAM-SHA-256\$)[\w+/=:$]+/g, `$1${mask}`],
  [/\bmd5[0-9a-f]{32}\b/g, `md5${mask}`],
];

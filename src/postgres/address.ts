/** IP addresses, masks and networks as numbers, the way the C library reads them without asking DNS (getaddrinfo with AI_NUMERICHOST). */
export type Address = { readonly family: 4 | 6; readonly bits: bigint };

/** undefined: not an address, so PostgreSQL takes it for a host name. Short forms count: "10.1" is 10.0.0.1. */
export function parseAddress(text: string): Address | undefined {
  const bits = text.includes(':') ? parseV6(text.replace(/%.*$/, '')) : parseV4(text);
  return bits === undefined ? undefined : { family: text.includes(':') ? 6 : 4, bits };
}

/** The mask of a CIDR length ("24"); undefined if that is not a number from 0 to 32, or 128. */
export function cidrMask(length: string, family: 4 | 6): Address | undefined {
  const width = family === 4 ? 32n : 128n;
  if (!/^\d+$/.test(length) || BigInt(length) > width) return undefined;
  return { family, bits: ((1n << BigInt(length)) - 1n) << (width - BigInt(length)) };
}

export function inNetwork(address: Address, network: Address, mask: Address): boolean {
  return address.family === network.family && ((address.bits ^ network.bits) & mask.bits) === 0n;
}

/** inet_aton: one to four parts, decimal, 0x hexadecimal or 0 octal; the last part fills what is left. */
function parseV4(text: string): bigint | undefined {
  const parts = text.split('.');
  const last = parts.pop() ?? '';
  if (parts.length > 3 || ![...parts, last].every((part) => /^(?:0x[\da-f]+|0[0-7]*|[1-9]\d*)$/i.test(part)))
    return undefined;
  const leading = parts.map(number);
  const rest = number(last);
  const restBits = BigInt(32 - 8 * leading.length);
  if (leading.some((part) => part > 255n) || rest >> restBits !== 0n) return undefined;
  return (leading.reduce((bits, part) => (bits << 8n) | part, 0n) << restBits) | rest;
}

function number(part: string): bigint {
  return BigInt(/^0\d/.test(part) ? `0o${part}` : part);
}

function parseV6(text: string): bigint | undefined {
  const [head = '', tail, ...more] = dottedToGroups(text).split('::');
  const left = groups(head);
  const right = groups(tail ?? '');
  if (!left || !right || more.length > 0) return undefined;
  const gap = 8 - left.length - right.length;
  if (tail === undefined) return gap === 0 ? join(left) : undefined;
  return gap < 1 ? undefined : join([...left, ...Array<bigint>(gap).fill(0n), ...right]);
}

/** "::ffff:10.0.0.1" → "::ffff:a00:1" */
function dottedToGroups(text: string): string {
  return text.replace(/(?<=:)\d+(?:\.\d+){3}$/, (dotted) => {
    const bits = parseV4(dotted);
    return bits === undefined ? dotted : `${(bits >> 16n).toString(16)}:${(bits & 0xffffn).toString(16)}`;
  });
}

function groups(half: string): bigint[] | undefined {
  const parts = half === '' ? [] : half.split(':');
  return parts.every((part) => /^[\da-f]{1,4}$/i.test(part)) ? parts.map((part) => BigInt(`0x${part}`)) : undefined;
}

function join(parts: readonly bigint[]): bigint {
  return parts.reduce((bits, part) => (bits << 16n) | part, 0n);
}

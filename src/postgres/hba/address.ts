/** IP addresses, masks and networks as numbers, read like getaddrinfo with AI_NUMERICHOST: without DNS. */
export type Address = { readonly family: 4 | 6; readonly bits: bigint };

/**
 * undefined: not an address, so PostgreSQL takes it for a host name. Accepts short forms: "10.1" is 10.0.0.1. A zone
 * ("%eth0") is dropped; only link-local addresses may have an interface name there, which is not checked.
 */
export function parseAddress(text: string): Address | undefined {
  if (!text.includes(':')) return address(4, parseV4(text));
  const [, plain = '', zone] = /^([^%]*)(?:%(.*))?$/s.exec(text) ?? [];
  const bits = parseV6(plain);
  if (zone === undefined || bits === undefined) return address(6, bits);
  const isLinkLocal = bits >> 118n === 0xfe80n >> 6n || (bits >> 120n === 0xffn && (bits >> 112n) % 16n === 2n);
  const isNumber = /^\d+$/.test(zone) && Number(zone) < 2 ** 32;
  return isNumber || (isLinkLocal && /^[^/\s]{1,15}$/.test(zone)) ? address(6, bits) : undefined;
}

const address = (family: 4 | 6, bits: bigint | undefined): Address | undefined =>
  bits === undefined ? undefined : { family, bits };

/**
 * The mask of a CIDR length ("24"), parsed as strtol does. undefined: not a number from 0 to 32, or to 128 for IPv6.
 */
export function cidrMask(length: string, family: 4 | 6): Address | undefined {
  const width = family === 4 ? 32n : 128n;
  const [, sign, digits] = /^[ \t\n\v\f\r]*([+-]?)(\d+)$/.exec(length) ?? [];
  const bits = BigInt(digits ?? '-1') * (sign === '-' ? -1n : 1n);
  if (digits === undefined || bits < 0n || bits > width) return undefined;
  return { family, bits: ((1n << bits) - 1n) << (width - bits) };
}

export function inNetwork(address: Address, network: Address, mask: Address): boolean {
  return address.family === network.family && ((address.bits ^ network.bits) & mask.bits) === 0n;
}

/** As inet_aton: one to four parts, decimal, hexadecimal (0x) or octal (0); the last part fills the remaining bytes. */
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

/** "::ffff:10.0.0.1" → "::ffff:a00:1". Only decimal numbers without leading zeros are accepted here. */
function dottedToGroups(text: string): string {
  return text.replace(/(?<=:)(?:(?:0|[1-9]\d*)(?:\.(?=\d)|$)){4}$/, (dotted) => {
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

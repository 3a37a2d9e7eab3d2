/**
 * Checks a password against pg_authid: SCRAM-SHA-256 (RFC 5803) and md5. Source: documentation, "pg_authid"
 * (catalog-pg-authid).
 */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';

const scram = /^SCRAM-SHA-256\$([1-9]\d{0,8}):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):[A-Za-z0-9+/=]+$/;

/** `stored` is pg_authid.rolpassword. False for anything that is neither a SCRAM secret nor an md5 hash. */
export function passwordFits(stored: string, user: string, password: string): boolean {
  const [, iterations, salt, storedKey] = scram.exec(stored) ?? [];
  if (iterations && salt && storedKey) return scramStoredKey(password, salt, Number(iterations)) === storedKey;
  return /^md5[0-9a-f]{32}$/.test(stored) && stored === `md5${hash('md5', password + user).toString('hex')}`;
}

/**
 * What the server stores for a password. ALTER ROLE accepts it, so that no log contains the password itself. `salt` has
 * 16 random bytes.
 */
export function scramSecret(password: string, salt: Buffer): string {
  const iterations = 4096; // the server's default
  const encoded = salt.toString('base64');
  const serverKey = createHmac('sha256', saltedPassword(password, encoded, iterations))
    .update('Server Key')
    .digest();
  const keys = `${scramStoredKey(password, encoded, iterations)}:${serverKey.toString('base64')}`;
  return `SCRAM-SHA-256$${iterations}:${encoded}$${keys}`;
}

function scramStoredKey(password: string, salt: string, iterations: number): string {
  const clientKey = createHmac('sha256', saltedPassword(password, salt, iterations))
    .update('Client Key')
    .digest();
  return hash('sha256', clientKey).toString('base64');
}

/** Approximates SASLprep by NFKC, which is enough for the passwords of a workshop. */
const saltedPassword = (password: string, salt: string, iterations: number): Buffer =>
  pbkdf2Sync(password.normalize('NFKC'), Buffer.from(salt, 'base64'), iterations, 32, 'sha256');

function hash(algorithm: 'md5' | 'sha256', data: string | Buffer): Buffer {
  return createHash(algorithm).update(data).digest();
}

export type Fits = typeof passwordFits;

/** Remembers the last answer, because a SCRAM secret takes 4096 rounds to try, and each look asks the same. */
export function lastAnswer(ask: Fits): Fits {
  let last: { readonly key: string; readonly answer: boolean } | undefined;
  return (...question) => {
    const key = JSON.stringify(question);
    if (last?.key !== key) last = { key, answer: ask(...question) };
    return last.answer;
  };
}

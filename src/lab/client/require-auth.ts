/** What a client does not tell, whoever asks (libpq's require_auth). */
import type { Connection } from 'pg';
import type { Target } from './target.ts';

/** require_auth, of which the two that tell a password are done here; the client ends before it has told anything. Source: libpq's check_expected_areq. */
export function refuseToTell(wire: Connection, { params: { require_auth: wanted } }: Target): void {
  if (!wanted) return;
  const listed = wanted.split(',').map((word) => word.trim());
  const isTaken = (method: string) =>
    listed.some((word) => word.startsWith('!')) ? !listed.includes(`!${method}`) : listed.includes(method);
  const refuse = (asked: string) => () =>
    void wire.stream.destroy(new Error(`authentication method requirement "${wanted}" failed: ${asked}`));
  if (!isTaken('password'))
    wire.once('authenticationCleartextPassword', refuse('server requested a cleartext password'));
  if (!isTaken('md5')) wire.once('authenticationMD5Password', refuse('server requested a hashed password'));
}

/** What a client does not tell, whoever asks (libpq's require_auth). */
import type { Connection } from 'pg';

/**
 * Of a server that may be another program on its port: one that is let in without a password, or that asks for a weak
 * proof of it, proves nothing itself.
 */
export const scramOnly = 'scram-sha-256';
const fewestIterations = 4096; // PostgreSQL's default; with fewer, a false server could try billions of passwords on the one answer that it got

/**
 * require_auth, as far as it is about passwords; the client ends before it has told anything. Source: libpq's
 * check_expected_areq. To be asked when the connection stands: what throws then came in one piece with "ready".
 */
export function refuseToTell(wire: Connection, wanted: string | undefined): () => void {
  let refusal: Error | undefined;
  const holds = () => {
    if (refusal) throw refusal;
  };
  if (!wanted) return holds;
  const listed = wanted.split(',').map((word) => word.trim());
  const isTaken = (method: string) =>
    listed.some((word) => word.startsWith('!')) ? !listed.includes(`!${method}`) : listed.includes(method);
  const end = (why: string) => {
    refusal = new Error(`authentication method requirement "${wanted}" failed: ${why}`);
    wire.stream.destroy(refusal);
  };
  if (!isTaken('password'))
    wire.once('authenticationCleartextPassword', () => end('server requested a cleartext password'));
  if (!isTaken('md5')) wire.once('authenticationMD5Password', () => end('server requested a hashed password'));
  if (!isTaken('none')) {
    let proven = false; // that it was the right proof, the driver finds out
    wire.once('authenticationSASLFinal', () => {
      proven = true;
    });
    wire.once('authenticationOk', () => proven || end('server did not complete authentication'));
  }
  if (wanted === scramOnly)
    wire.once('authenticationSASLContinue', ({ data }: { data: string }) => {
      const iterations = Number(/,i=(\d{1,9})/.exec(data)?.[1] ?? 0);
      if (iterations < fewestIterations) end(`server asked for ${iterations} iterations`);
    });
  return holds;
}

/** Ways of authentication that a client refuses, whatever the server asks for (libpq's require_auth). */
import type { Connection } from 'pg';

/**
 * The require_auth for an address where another program may answer. SCRAM makes the server prove that it knows the
 * password; a program that asks for no password, or for a weak proof of it, proves nothing.
 */
export const scramOnly = 'scram-sha-256';
/**
 * PostgreSQL's default. With fewer, a false server could try billions of passwords against the one answer that it got.
 */
const fewestIterations = 4096;

/**
 * Implements the password methods of require_auth. A request for a refused method destroys the connection before the
 * client sends anything. Source: libpq's check_expected_areq. The returned function throws the refusal, and has to be
 * called once connected: the refused message may have come in the same packet as "ready".
 */
export function refuseToTell(wire: Connection, wanted: string | undefined): () => void {
  let refusal: Error | undefined;
  const throwRefusal = () => {
    if (refusal) throw refusal;
  };
  if (!wanted) return throwRefusal;
  const listed = wanted.split(',').map((word) => word.trim());
  const isAccepted = (method: string) =>
    listed.some((word) => word.startsWith('!')) ? !listed.includes(`!${method}`) : listed.includes(method);
  const refuse = (why: string) => {
    refusal = new Error(`authentication method requirement "${wanted}" failed: ${why}`);
    wire.stream.destroy(refusal);
  };
  if (!isAccepted('password'))
    wire.once('authenticationCleartextPassword', () => refuse('server requested a cleartext password'));
  if (!isAccepted('md5')) wire.once('authenticationMD5Password', () => refuse('server requested a hashed password'));
  if (!isAccepted('none')) {
    let hasProof = false; // the driver verifies the server's proof
    wire.once('authenticationSASLFinal', () => {
      hasProof = true;
    });
    wire.once('authenticationOk', () => hasProof || refuse('server did not complete authentication'));
  }
  if (wanted === scramOnly)
    wire.once('authenticationSASLContinue', ({ data }: { data: string }) => {
      const iterations = Number(/,i=(\d{1,9})/.exec(data)?.[1] ?? 0);
      if (iterations < fewestIterations) refuse(`server asked for ${iterations} iterations`);
    });
  return throwRefusal;
}

/** An engine behind TLS: a proxy in front of its socket, with certificates made for the test. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer as createPlainServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';

/** A folder with ca.pem, cert.pem and key.pem; `for` are the names in the certificate. */
export type Certificates = { readonly folder: string; readonly sign: (name: string, altNames: string) => string };

/** Makes an authority; `sign` makes a folder with a certificate that the authority has signed. */
export function makeAuthority(folder: string): Certificates {
  mkdirSync(folder, { recursive: true });
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const key = (name: string) => openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', name);
  key('authority.key');
  openssl('req', '-x509', '-new', '-key', 'authority.key', '-subj', '/CN=authority', '-days', '2', '-out', 'ca.pem');
  return {
    folder,
    sign(name, altNames) {
      const made = join(folder, name);
      mkdirSync(made);
      key(join(made, 'key.pem'));
      writeFileSync(join(made, 'extensions'), `subjectAltName=${altNames}\n`);
      openssl('req', '-new', '-key', join(made, 'key.pem'), '-subj', `/CN=${name}`, '-out', join(made, 'request'));
      const by = ['-CA', 'ca.pem', '-CAkey', 'authority.key', '-CAcreateserial', '-days', '2'];
      const files = [
        '-in',
        join(made, 'request'),
        '-extfile',
        join(made, 'extensions'),
        '-out',
        join(made, 'cert.pem'),
      ];
      openssl('x509', '-req', ...by, ...files);
      writeFileSync(join(made, 'ca.pem'), readFileSync(join(folder, 'ca.pem')));
      return made;
    },
  };
}

export type TlsProxy = AsyncDisposable & { readonly port: number; connections(): number };

/**
 * Asks its callers for a certificate of the same authority. `certificate`: a folder that `sign` has made; null: no
 * TLS.
 */
export async function startProxy(
  socketPath: string,
  certificate: string | null,
  host = '127.0.0.1',
): Promise<TlsProxy> {
  const open = new Set<Socket>(); // before TLS, so that a handshake that was refused is there too
  const file = (name: string) => readFileSync(join(certificate ?? '', name));
  const server: Server =
    certificate === null
      ? createPlainServer({ allowHalfOpen: true })
      : createServer({
          ...{ ca: file('ca.pem'), cert: file('cert.pem'), key: file('key.pem') },
          ...{ requestCert: true, rejectUnauthorized: true, allowHalfOpen: true },
        });
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  server.on(certificate === null ? 'connection' : 'secureConnection', (caller: Socket) => {
    const engine = connect({ path: socketPath, allowHalfOpen: true });
    for (const [side, other] of [
      [caller, engine],
      [engine, caller],
    ] as const) {
      side.on('error', () => other.destroy()).on('close', () => other.destroy());
      side.pipe(other);
    }
  });
  server.listen(0, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => open.size,
    async [Symbol.asyncDispose]() {
      for (const each of open) each.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

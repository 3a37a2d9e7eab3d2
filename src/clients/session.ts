/** One connection of a client program, with raw text values, all replies in their order, and libpq's error messages. */
import { lookup } from 'node:dns/promises';
import { connect, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { Client, type Connection, DatabaseError } from 'pg';
import { ConnectError } from './connect-error.ts';
import type { ServerMessage } from './message.ts';
import { reportMessage } from './message.ts';
import { refuseToTell } from './require-auth.ts';
import type { Target } from './target.ts';

type Field = { readonly name: string; readonly dataTypeID: number };
type Cell = string | null;
export type Reply =
  | {
      readonly kind: 'rows';
      readonly fields: readonly Field[];
      readonly rows: readonly (readonly Cell[])[];
      readonly tag: string;
    }
  | { readonly kind: 'done'; readonly tag: string }
  | { readonly kind: 'copy-begin' }
  | { readonly kind: 'copy'; readonly data: Buffer }
  | { readonly kind: 'copy-both' } // the reply to START_REPLICATION: both sides may send
  | { readonly kind: 'error'; readonly error: ServerMessage }
  | { readonly kind: 'lost' }; // the connection ended before the reply was complete

export type PgSession = AsyncDisposable & {
  readonly target: Target;
  readonly address: string | undefined; // the IP address that the name resolved to; undefined on a Unix socket
  readonly parameters: ReadonlyMap<string, string>; // reported by the server: server_version, is_superuser …
  readonly stream: Duplex;
  transaction(): 'idle' | 'open' | 'failed';
  lost(): boolean;
  /**
   * Sends one message of the simple query protocol. Resolves when the server is ready again, or the connection is lost.
   */
  run(text: string, on: (reply: Reply) => void): Promise<void>;
  sendCopyData(data: Buffer): void;
  /** Asks the server, over a second connection, to cancel the running statement (protocol: CancelRequest). */
  cancel(): Promise<void>;
};

class NoPassword extends Error {}

// Fields of pg's Client that its types lack: the protocol connection, and the key that a CancelRequest needs.
type Wired = Client & { readonly connection: Connection; readonly processID: number; readonly secretKey: number };

/** Connects to the first address of the host name that works. Rejects with a ConnectError. */
export async function openPgSession(target: Target, onNotice: (notice: ServerMessage) => void): Promise<PgSession> {
  if (target.host.startsWith('/') || isIP(target.host)) return connectTo(target, target.host, onNotice);
  const addresses = await lookup(target.host, { all: true }).catch((cause: Error) => {
    throw new ConnectError(
      `could not translate host name "${target.host}" to address: Name or service not known`,
      false,
      { cause },
    );
  });
  const failures: ConnectError[] = [];
  for (const { address } of addresses) {
    try {
      return await connectTo(target, address, onNotice);
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      failures.push(error);
      // The server itself answered, and would answer the same at its next address.
      if (error.cause instanceof DatabaseError || error.needsPassword) break;
    }
  }
  throw new ConnectError(
    failures.map((failure) => failure.message).join('\n'),
    failures.at(-1)?.needsPassword ?? false,
  );
}

function newClient(target: Target, address: string): Wired {
  const { params } = target;
  return new Client({
    host: address,
    port: target.port,
    user: target.user,
    database: target.database,
    password: () => {
      if (target.password === undefined) throw new NoPassword();
      return target.password;
    },
    ssl: /^(require|verify-)/.test(params.sslmode ?? '') && { rejectUnauthorized: params.sslmode !== 'require' },
    application_name: params.application_name ?? params.fallback_application_name,
    options: params.options,
    connectionTimeoutMillis: Number(params.connect_timeout ?? 0) * 1000,
    ...(params.replication && { replication: params.replication }),
  }) as Wired;
}

async function connectTo(
  target: Target,
  address: string,
  onNotice: (notice: ServerMessage) => void,
): Promise<PgSession> {
  const client = newClient(target, address);
  const wire = client.connection;
  const throwRefusal = refuseToTell(wire, target.params.require_auth);
  const parameters = new Map<string, string>();
  // Messages that came while no statement ran ("terminating connection …"). They are shown with the next statement, as
  // libpq does.
  const waiting: ServerMessage[] = [];
  let isRunning = true; // the login or a statement
  let status = 'I';
  let isLost = false;
  wire.on('parameterStatus', (message: { parameterName: string; parameterValue: string }) =>
    parameters.set(message.parameterName, message.parameterValue),
  );
  wire.on('readyForQuery', (message: { status: string }) => {
    status = message.status;
    isRunning = false;
  });
  wire.on('end', () => {
    isLost = true;
  });
  client.on('error', (error) => {
    if (error instanceof DatabaseError) waiting.push(error as ServerMessage);
  });
  client.on('notice', (notice) => {
    if (isRunning) onNotice(notice as ServerMessage);
    else waiting.push(notice as ServerMessage);
  });
  try {
    await client.connect();
    throwRefusal();
  } catch (error) {
    wire.stream.destroy();
    throw new ConnectError(`${place(target, address)} failed: ${whyNot(error, target)}`, error instanceof NoPassword, {
      cause: error,
    });
  }
  return {
    target,
    address: address.startsWith('/') ? undefined : address,
    parameters,
    stream: wire.stream,
    transaction: () => (status === 'T' ? 'open' : status === 'E' ? 'failed' : 'idle'),
    lost: () => isLost,
    run(text, on) {
      isRunning = true;
      for (const message of waiting.splice(0)) onNotice(message);
      return ask(client, text, on, isLost);
    },
    sendCopyData: (data) => (wire as Connection & { sendCopyFromChunk(chunk: Buffer): void }).sendCopyFromChunk(data),
    cancel: () => sendCancel(client, address, target.port),
    [Symbol.asyncDispose]: () => (isLost ? Promise.resolve() : client.end()),
  };
}

function ask(client: Wired, text: string, on: (reply: Reply) => void, isLost: boolean): Promise<void> {
  const wire = client.connection;
  return new Promise((resolve) => {
    const lost = () => {
      on({ kind: 'lost' });
      finish();
    };
    const begin = () => on({ kind: 'copy-begin' });
    const both = () => on({ kind: 'copy-both' });
    const listeners: [string, () => void][] = [];
    const finish = () => {
      for (const [event, listener] of listeners) wire.off(event, listener);
      resolve();
    };
    if (isLost) return lost();
    listeners.push(['copyOutResponse', begin], ['replicationStart', both], ['readyForQuery', finish], ['end', lost]);
    for (const [event, listener] of listeners) wire.on(event, listener);
    client.query(question(text, on));
  });
}

/** The query object that pg expects: one method for each message of the server. */
function question(text: string, on: (reply: Reply) => void) {
  let fields: readonly Field[] | undefined;
  let rows: Cell[][] = [];
  return {
    submit: (wire: Connection) => wire.query(text),
    handleRowDescription(message: { fields: readonly Field[] }) {
      fields = message.fields;
      rows = [];
    },
    handleDataRow: (message: { fields: Cell[] }) => rows.push(message.fields),
    handleCommandComplete({ text: tag }: { text: string }) {
      on(fields ? { kind: 'rows', fields, rows, tag } : { kind: 'done', tag });
      fields = undefined;
    },
    handleEmptyQuery() {},
    handlePortalSuspended() {},
    handleCopyInResponse: (wire: Connection) =>
      (wire as Connection & { sendCopyFail(why: string): void }).sendCopyFail(
        'this small psql cannot send COPY data; use INSERT',
      ),
    // pg reuses the memory of a chunk for later ones, so the chunk is copied.
    handleCopyData: (message: { chunk: Buffer }) => on({ kind: 'copy', data: Buffer.from(message.chunk) }),
    handleError(error: Error) {
      if (error instanceof DatabaseError) on({ kind: 'error', error: error as ServerMessage });
    },
    handleReadyForQuery() {},
  };
}

function sendCancel(client: Wired, host: string, port: number): Promise<void> {
  const request = Buffer.alloc(16);
  [16, 80877102, client.processID, client.secretKey].forEach((value, at) => {
    request.writeInt32BE(value, at * 4);
  });
  return new Promise((resolve, reject) => {
    const socket = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
    socket.once('error', reject);
    socket.once('close', () => resolve());
    socket.resume(); // the server answers a CancelRequest by closing the connection
    socket.end(request);
  });
}

function place(target: Target, address: string): string {
  if (address.startsWith('/')) return `connection to server on socket "${address}/.s.PGSQL.${target.port}"`;
  const named =
    target.params.host && target.params.host !== address ? `"${target.params.host}" (${address})` : `"${address}"`;
  return `connection to server at ${named}, port ${target.port}`;
}

const systemWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Connection refused',
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  ETIMEDOUT: 'Connection timed out',
  EHOSTUNREACH: 'No route to host',
  ENETUNREACH: 'Network is unreachable',
};

function whyNot(error: unknown, target: Target): string {
  if (error instanceof NoPassword) return 'fe_sendauth: no password supplied';
  if (error instanceof DatabaseError) return reportMessage(error as ServerMessage).trimEnd();
  if (!(error instanceof Error)) return String(error);
  const words = systemWords['code' in error ? String(error.code) : ''];
  if (words) {
    return target.host.startsWith('/')
      ? `${words}\n\tIs the server running locally and accepting connections on that socket?`
      : `${words}\n\tIs the server running on that host and accepting TCP/IP connections?`;
  }
  return error.message.startsWith('Connection terminated') ? connectionClosed : error.message;
}

export const connectionClosed =
  'server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.';

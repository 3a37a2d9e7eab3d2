/** An imitated standby: it asks for the WAL, reads it or not, and confirms what its behaviour says. */
import { openPgSession, type PgSession } from '../../../src/clients/session.ts';
import { formatLsn, parseLsn } from '../../../src/postgres/lsn.ts';
import type { TestServer } from './server.ts';

export type Behaviour =
  /** Reads and confirms everything. */
  | 'streaming'
  /** Confirms only what it has written. */
  | 'written'
  /** Confirms what it has written and flushed, but replays nothing. */
  | 'flushed'
  /** Stops reading while much WAL is still to be sent. */
  | 'catchup'
  /** Reads and writes, but never confirms a flush, as pg_receivewal. */
  | 'receiving'
  /** Has a replication connection, but does not start to stream. */
  | 'startup';

export type FakeStandby = AsyncDisposable & {
  readonly name: string;
  readonly behaviour: Behaviour;
  readonly reads: boolean;
  /** Resolves when the walsender has passed through its loop again; only for a standby that reads. */
  pong(): Promise<void>;
  /** A standby that does not read reads a little: before 14 a walsender that cannot send reads no configuration. */
  nudge(): void;
};

export async function fakeStandby(
  { dir, port }: TestServer,
  name: string,
  behaviour: Behaviour,
  from: { readonly now: string; readonly oldest: string },
): Promise<FakeStandby> {
  const params = { application_name: name, replication: 'true' };
  const session = await openPgSession(
    { host: dir, port, user: 'postgres', database: 'replication', password: undefined, params },
    () => undefined,
  );
  const reads = behaviour !== 'catchup' && behaviour !== 'startup';
  const talk = newTalk(session, behaviour, parseLsn(from.now) ?? 0n);
  if (behaviour !== 'startup') {
    await new Promise<void>((begun, failed) => {
      const start = `START_REPLICATION PHYSICAL ${reads ? from.now : from.oldest}`;
      const over = session.run(start, (reply) => {
        if (reply.kind === 'copy') talk.heard(reply.data);
        if (reply.kind === 'error') failed(new Error(reply.error.message));
        if (reply.kind !== 'copy-both') return;
        if (!reads) session.stream.pause();
        talk.confirm();
        begun();
      });
      over.catch(failed);
    });
  }
  return {
    name,
    behaviour,
    reads,
    pong: talk.pong,
    nudge() {
      if (behaviour !== 'catchup') return;
      session.stream.once('data', () => session.stream.pause());
      session.stream.resume();
    },
    async [Symbol.asyncDispose]() {
      session.stream.destroy();
    },
  };
}

const confirmed: Readonly<Record<Behaviour, readonly [write: boolean, flush: boolean, replay: boolean]>> = {
  streaming: [true, true, true],
  written: [true, false, false],
  flushed: [true, true, false],
  catchup: [false, false, false],
  receiving: [true, false, false],
  startup: [false, false, false],
};

/**
 * Messages: XLogData w, primary keepalive k, standby status update r. Source: documentation, "Streaming Replication
 * Protocol" (protocol-replication).
 */
function newTalk(session: PgSession, behaviour: Behaviour, start: bigint) {
  let received = start;
  const waiting: (() => void)[] = [];
  const confirm = (wantsAnswer = false) => {
    const unknown = behaviour === 'receiving' ? 0n : start; // 0 means unknown, which the view shows as null
    const message = Buffer.alloc(34);
    message.write('r');
    for (const [at, yes] of confirmed[behaviour].entries())
      message.writeBigUInt64BE(yes ? received : at === 0 ? start : unknown, 1 + 8 * at);
    message.writeBigInt64BE(BigInt(Date.now() - Date.UTC(2000, 0)) * 1000n, 25);
    message.writeUInt8(wantsAnswer ? 1 : 0, 33);
    session.sendCopyData(message);
  };
  return {
    confirm,
    heard(message: Buffer) {
      if (message.toString('latin1', 0, 1) === 'w') received = message.readBigUInt64BE(1) + BigInt(message.length - 25);
      else if (message.readUInt8(17) === 0) waiting.shift()?.(); // a keepalive without a request is the answer to ours
      confirm();
    },
    pong: () =>
      new Promise<void>((answered) => {
        waiting.push(answered);
        confirm(true);
      }),
  };
}

/** The positions where a standby of this server may start. The server must keep its first WAL file. */
export async function positionsOf(server: TestServer): Promise<{ now: string; oldest: string }> {
  const [row] = await server.rows<{ now: string }>('SELECT pg_current_wal_flush_lsn()::text AS now');
  return { now: row?.now ?? '', oldest: formatLsn(0x1000000n) };
}

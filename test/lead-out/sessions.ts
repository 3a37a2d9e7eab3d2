/** Sessions of real clients with the servers of a lab, and what they tell. Nothing here imports the program. */
import pg from 'pg';
import { postmastersIn, realOf } from './processes.ts';

/** Where the servers are, and the passwords that may be right. */
export type Place = {
  readonly bindir: string;
  readonly host: string;
  readonly sockets: string;
  readonly user: string;
  readonly password: string;
  readonly passwords: readonly string[];
  readonly owner: { readonly uid: number; readonly gid: number }; // who runs servers
  readonly servers: Readonly<Record<'master' | 'slave', { readonly data: string; readonly port: number }>>;
};
export type Name = keyof Place['servers'];

/** undefined: nobody can tell, for example because a server that would have to answer is down. */
export type Truth = { readonly holds: boolean | undefined; readonly why: string };

export const no = (why: string): Truth => ({ holds: false, why });
export const open = (why: string): Truth => ({ holds: undefined, why });
export const is = (holds: boolean, why: string): Truth => ({ holds, why });

export const limitMs = 3000;

export type Reached =
  | { readonly kind: 'in'; readonly client: pg.Client; readonly tcp: boolean }
  | { readonly kind: 'turned away' | 'nobody'; readonly why: string };

export async function connect(
  options: pg.ClientConfig & { replication?: string },
): Promise<pg.Client | (Error & { code?: string })> {
  const client = new pg.Client({
    ...options,
    connectionTimeoutMillis: limitMs,
    query_timeout: limitMs,
  } as pg.ClientConfig);
  client.on('error', () => undefined); // the server may end a session; the next query reports it
  try {
    await client.connect();
    return client;
  } catch (error) {
    void client.end().catch(() => undefined);
    return error as Error & { code?: string };
  }
}

const isAnswer = (error: { code?: string }): boolean =>
  /^[0-9A-Z]{5}$/.test(error.code ?? '') && error.code !== '57P03';

/** A session of postgres: over the address that others use, else over the socket. */
async function reach(place: Place, on: Name): Promise<Reached> {
  const { data, port } = place.servers[on];
  if (postmastersIn(realOf(data)).length === 0) return { kind: 'nobody', why: `no server works in ${data}` };
  let answer = 'nobody';
  for (const host of [place.host, place.sockets])
    for (const password of place.passwords) {
      const got = await connect({ host, port, user: 'postgres', database: 'postgres', password });
      if (got instanceof pg.Client) {
        if (host !== place.host && answer === 'nobody') {
          void got.end();
          return { kind: 'nobody', why: `only the socket answers, not ${place.host}:${port}` };
        }
        return { kind: 'in', client: got, tcp: host === place.host };
      }
      if (isAnswer(got as { code?: string })) answer = String(got);
      else if (host === place.host) break;
    }
  return answer === 'nobody'
    ? { kind: 'nobody', why: `nobody answers at ${place.host}:${port}` }
    : { kind: 'turned away', why: answer };
}

export async function asked<T>(place: Place, on: Name, ask: (client: pg.Client) => Promise<T>): Promise<T | Reached> {
  const reached = await reach(place, on);
  if (reached.kind !== 'in') return reached;
  try {
    return await ask(reached.client);
  } catch (error) {
    return { kind: 'turned away', why: String(error) };
  } finally {
    void reached.client.end().catch(() => undefined);
  }
}

export const isReached = (value: unknown): value is Reached =>
  typeof value === 'object' && value !== null && 'kind' in value;

export const rowOf = async (
  client: pg.Client,
  text: string,
): Promise<Record<string, string | boolean | number | null>> => (await client.query(text)).rows[0] ?? {};

type Knock = 'in' | 'in, without the right' | 'asked for a password' | 'no rule' | 'nobody';

/** A replication connection over TCP, as the standby makes one. */
export async function knock(place: Place, port: number, password: string): Promise<Knock> {
  const got = await connect({
    host: place.host,
    port,
    user: place.user,
    password,
    replication: 'true',
    database: 'replication',
  });
  if (got instanceof pg.Client) {
    void got.end().catch(() => undefined);
    return 'in';
  }
  if (got.code === '28P01' || /password|SCRAM|SASL/i.test(got.message)) return 'asked for a password';
  if (got.code === '28000' && /pg_hba|entry|rejects|method/i.test(got.message)) return 'no rule';
  return got.code === '42501' || /not permitted to log in/.test(got.message) ? 'in, without the right' : 'nobody';
}

export async function asksForPassword(place: Place, port: number): Promise<Truth> {
  const [right, wrong] = [await knock(place, port, place.password), await knock(place, port, 'surely-wrong')];
  const why = `with the password ${right}, with another ${wrong}`;
  if (right === 'nobody') return open(why);
  return is(right !== 'no rule' && wrong === 'asked for a password', why);
}

/**
 * JSON that was written by somebody else, or by us and changed since: decoded by a schema, which is also where the type of the value comes from.
 * A newer version may write more than is known here, so fields without a name in the schema are kept as they are.
 */
import * as v from 'valibot';

export type Decoded<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'wrong'; readonly why: string }; // why: the end of a sentence, without a word of the text

type Schema<T> = v.GenericSchema<unknown, T>;
type ReadonlyRecord<T> = Readonly<Record<string, T>>;

/** The number that each of our files begins with, in `schema`. */
export const newestSchema = 1;
export const schemaNumber = v.literal(newestSchema);

/** Valibot's own takes a list for one. */
const object = v.custom<object>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'an object',
);

/** An object of these fields at least. The others stay in the value, and are not in its type: nobody is to read them. */
export const shape = <const E extends v.ObjectEntries>(entries: E) =>
  v.pipe(object, v.looseObject(entries)) as unknown as Schema<Readonly<v.InferOutput<v.ObjectSchema<E, undefined>>>>;

export const listOf = <T>(item: Schema<T>): Schema<readonly T[]> => v.array(item);
export const recordOf = <T>(item: Schema<T>): Schema<ReadonlyRecord<T>> => v.pipe(object, v.record(v.string(), item));

/** Text that a path, an argument or a statement may be made of: those end at a zero byte. */
export const text = v.pipe(
  v.string(),
  v.check((value) => !value.includes('\0'), 'text without a zero byte'),
  v.maxLength(4096, 'a shorter text'),
);
export const isoTime = v.pipe(
  v.string(),
  v.check((value) => !Number.isNaN(Date.parse(value)), 'a time'),
);
export const port = v.pipe(
  v.number(),
  v.integer('a whole number'),
  v.minValue(1, 'a port'),
  v.maxValue(65535, 'a port'),
);
export const count = v.pipe(v.number(), v.integer('a whole number'), v.minValue(0, 'a count'));
export const amount = v.pipe(v.number(), v.finite('a number'), v.minValue(0, 'a number from 0 on'));

const deepest = 64; // what is written back is written by recursion

export function decodeJson<T>(json: string, schema: Schema<T>): Decoded<T> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { kind: 'wrong', why: 'it is not JSON, or only a part of it' };
  }
  if (isDeeper(value, deepest)) return { kind: 'wrong', why: `it is nested more than ${deepest} deep` };
  return decode(value, schema);
}

export function decode<T>(value: unknown, schema: Schema<T>): Decoded<T> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return { kind: 'value', value: result.output };
  return { kind: 'wrong', why: sentence(result.issues[0]) };
}

function isDeeper(value: unknown, levels: number): boolean {
  let layer: unknown[] = [value];
  for (let level = 0; layer.length > 0; level++) {
    if (level > levels) return true;
    layer = layer.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return false;
}

/** Names of fields that we know are said; of what the file holds only the kind is. */
function sentence({ path, expected, kind, type, message, input }: v.BaseIssue<unknown>): string {
  const keys = (path ?? []).map(({ key }) => key);
  const known = keys.findIndex((key) => typeof key !== 'string' || !/^[a-z]{1,24}$/i.test(key));
  const where = (known < 0 ? keys : keys.slice(0, known)).join('.');
  const said = kind === 'schema' && type !== 'custom' ? kinds[expected?.toLowerCase() ?? ''] : message;
  const wanted = said ?? expected ?? 'another value';
  const is = input === undefined ? 'is missing' : `is ${found(input)} instead of ${wanted}`;
  return where === '' ? `what it holds ${is}` : `"${where}"${known < 0 ? '' : ', inside,'} ${is}`;
}

const kinds: Readonly<Record<string, string>> = {
  array: 'a list',
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
};

function found(input: unknown): string {
  if (input === null) return 'null';
  if (Array.isArray(input)) return 'a list';
  return (
    { object: 'an object', string: 'a text', number: 'a number', boolean: 'true or false' }[typeof input as string] ??
    'another value'
  );
}

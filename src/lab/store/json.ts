/**
 * Decodes JSON that another program or user may have written or changed. The type of the value comes from the schema. A
 * newer version may write more fields, so fields that the schema does not name are kept.
 */
import { isIP } from 'node:net';
import * as v from 'valibot';

export type Decoded<T> =
  | { readonly kind: 'value'; readonly value: T }
  /** `why` is the end of a sentence, without any of the text's content. */
  | { readonly kind: 'wrong'; readonly why: string };

type Schema<T> = v.GenericSchema<unknown, T>;
type ReadonlyRecord<T> = Readonly<Record<string, T>>;

/** The value of `schema` in each of the workshop's files. */
export const newestSchema = 1;
export const schemaNumber = v.literal(newestSchema);

/** Valibot's object schema accepts a list. */
const object = v.custom<object>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'an object',
);

/**
 * An object with at least these fields. Other fields stay in the value but not in its type, so that no code reads them.
 */
export const shape = <const E extends v.ObjectEntries>(entries: E) =>
  v.pipe(object, v.looseObject(entries)) as unknown as Schema<Readonly<v.InferOutput<v.ObjectSchema<E, undefined>>>>;

export const listOf = <T>(item: Schema<T>): Schema<readonly T[]> => v.array(item);
export const recordOf = <T>(item: Schema<T>): Schema<ReadonlyRecord<T>> => v.pipe(object, v.record(v.string(), item));

/** Text for paths, arguments and statements, which end at a zero byte. */
export const text = v.pipe(
  v.string(),
  v.check((value) => !value.includes('\0'), 'text without a zero byte'),
  v.maxLength(4096, 'a shorter text'),
);
export const ipAddress = v.pipe(
  v.string(),
  v.check((value) => isIP(value) !== 0, 'an IP address'),
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

const deepest = 64; // writing JSON back is recursive

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

/** Names fields that the schema knows; of values it tells only the kind, because they may be secret. */
function sentence({ path, expected, kind, type, message, input }: v.BaseIssue<unknown>): string {
  const keys = (path ?? []).map(({ key }) => key);
  const unknownAt = keys.findIndex((key) => typeof key !== 'string' || !/^[a-z]{1,24}$/i.test(key));
  const where = (unknownAt < 0 ? keys : keys.slice(0, unknownAt)).join('.');
  const expectedKind = kind === 'schema' && type !== 'custom' ? kinds[expected?.toLowerCase() ?? ''] : message;
  const wanted = expectedKind ?? expected ?? 'another value';
  const finding = input === undefined ? 'is missing' : `is ${kindOf(input)} instead of ${wanted}`;
  return where === '' ? `what it holds ${finding}` : `"${where}"${unknownAt < 0 ? '' : ', inside,'} ${finding}`;
}

const kinds: Readonly<Record<string, string>> = {
  array: 'a list',
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
};

function kindOf(input: unknown): string {
  if (input === null) return 'null';
  if (Array.isArray(input)) return 'a list';
  return (
    { object: 'an object', string: 'a text', number: 'a number', boolean: 'true or false' }[typeof input as string] ??
    'another value'
  );
}

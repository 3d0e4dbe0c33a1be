import { quoted } from './refusal.ts';

/** Element types, in the names of safetensors. */
export type StoredType = 'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'I16' | 'I8' | 'U8' | 'BOOL';

/**
 * Name of a class or function of Python. The class or function is never called. `allowed.ts` lists the supported names.
 */
interface Global {
  readonly kind: 'global';
  readonly name: string;
}

/** A storage: the bytes that tensors share. */
interface Storage {
  readonly kind: 'storage';
  readonly dtype: StoredType;
  readonly bytes: Uint8Array;
}

/** A tensor as the file describes it. Every element lies in its storage. Offset and strides count elements. */
export interface StoredTensor {
  readonly kind: 'tensor';
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** An `argparse.Namespace`: names and values. */
export interface Namespace {
  readonly kind: 'namespace';
  fields: ReadonlyMap<Value, Value>;
}

/**
 * Value of a pickle. Dictionaries are Maps, so that no key has a special meaning in JavaScript. Lists, tuples and sets
 * are arrays.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Value[]
  | Map<Value, Value>
  | Global
  | Storage
  | StoredTensor
  | Namespace;

export type Kind = 'global' | 'storage' | 'tensor' | 'namespace';

export const isKind = <K extends Kind>(
  value: Value | undefined,
  kind: K,
): value is Extract<Value, { readonly kind: K }> =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;

export const isCount = (value: Value | undefined): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;

/** Returns a short description of a value, for messages. */
export const describe = (value: Value | undefined): string => {
  if (value === null || value === undefined) return value === null ? 'None' : 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value instanceof Map) return `a dictionary of ${value.size}`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === 'object') return value.kind === 'global' ? value.name : `a ${value.kind}`;
  return typeof value === 'string' ? quoted(value) : String(value).slice(0, 40);
};

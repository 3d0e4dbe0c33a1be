import { quoted } from './refusal.ts';

/** Element types as safetensors names them. */
export type StoredType = 'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'I16' | 'I8' | 'U8' | 'BOOL';

/** A class or function by name. Never called: a few are understood, see `allowed.ts`. */
export interface Global {
  readonly kind: 'global';
  readonly name: string;
}

export interface Storage {
  readonly kind: 'storage';
  readonly dtype: StoredType;
  readonly bytes: Uint8Array;
}

/** A tensor as the file describes it: checked to lie in its storage, its numbers not yet gathered. Offset and strides count elements. */
export interface StoredTensor {
  readonly kind: 'tensor';
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** An `argparse.Namespace`: names and values, nothing more. */
export interface Namespace {
  readonly kind: 'namespace';
  fields: ReadonlyMap<Value, Value>;
}

/** What a pickle may hold here. Dictionaries are Maps, so that no key means anything to JavaScript; lists, tuples and sets are arrays. */
export type Value = null | boolean | number | bigint | string | Uint8Array | Value[] | Map<Value, Value> | Global | Storage | StoredTensor | Namespace;

export type Kind = 'global' | 'storage' | 'tensor' | 'namespace';

export const isKind = <K extends Kind>(value: Value | undefined, kind: K): value is Extract<Value, { readonly kind: K }> =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;

export const isCount = (value: Value | undefined): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** In errors: what a value is, in a few words. */
export const describe = (value: Value | undefined): string => {
  if (value === null || value === undefined) return value === null ? 'None' : 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value instanceof Map) return `a dictionary of ${value.size}`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === 'object') return value.kind === 'global' ? value.name : `a ${value.kind}`;
  return typeof value === 'string' ? quoted(value) : String(value).slice(0, 40);
};

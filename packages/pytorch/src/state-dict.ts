import { refusal } from './refusal.ts';
import { describe, isKind, type StoredTensor, type Value } from './value.ts';

/** A state dict of a file. */
export interface Found {
  /** Key of the state dict; empty for the file itself. */
  readonly from: string;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** Keys of state dicts in checkpoints. */
const KEYS = ['state_dict', 'ema'];

/**
 * Finds the state dict in the value of a file: the value itself if all its entries are tensors, otherwise the entry
 * `state_dict`, otherwise the entry `ema`. If `key` is given, the state dict is the entry of that name. Tensors that
 * this entry lacks are taken from `state_dict`, because averages such as `ema` contain parameters but no buffers.
 *
 * @throws `checkpoint` if the file has no state dict.
 */
export const stateDictOf = (root: Value, key?: string): Found => {
  if (
    key === undefined &&
    root instanceof Map &&
    root.size > 0 &&
    [...root.values()].every((value) => isKind(value, 'tensor'))
  )
    return { from: '', tensors: tensorsOf(root) };
  const under = root instanceof Map ? root : new Map<Value, Value>();
  const from = (key === undefined ? KEYS : [key]).find((name) => under.get(name) instanceof Map);
  if (from === undefined) {
    const keys = [...under.keys()].slice(0, 8).map(describe).join(', ');
    throw refusal('The file holds no state dict', {
      expected: `tensors by name, or such a dictionary under ${key ?? KEYS.join(' or ')}`,
      got: root instanceof Map ? `the keys ${keys || '(none)'}` : describe(root),
      hint: 'Save model.state_dict().',
    });
  }
  const rest = key === undefined ? undefined : under.get(KEYS[0]!);
  return {
    from,
    tensors: new Map([
      ...(rest instanceof Map ? tensorsOf(rest) : []),
      ...tensorsOf(under.get(from) as Map<Value, Value>),
    ]),
  };
};

const tensorsOf = (dictionary: ReadonlyMap<Value, Value>): Map<string, StoredTensor> => {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, value] of dictionary) {
    if (typeof name !== 'string')
      throw refusal('Wrong name of a tensor', {
        expected: 'text',
        got: describe(name),
        hint: 'Save model.state_dict().',
      });
    if (isKind(value, 'tensor')) tensors.set(name, value);
  }
  return tensors;
};

/** Value of a setting. */
export type Setting = string | number | boolean | null;

/**
 * Returns the settings under `args`, a namespace or a dictionary. Only strings, numbers, booleans and nulls are
 * returned.
 */
export const settingsOf = (root: Value): Readonly<Record<string, Setting>> => {
  const args = root instanceof Map ? root.get('args') : undefined;
  const fields = isKind(args, 'namespace') ? args.fields : args instanceof Map ? args : new Map<Value, Value>();
  const settings = Object.create(null) as Record<string, Setting>;
  for (const [name, value] of fields) {
    if (typeof name === 'string' && (value === null || ['string', 'number', 'boolean'].includes(typeof value)))
      settings[name] = value as Setting;
  }
  return settings;
};

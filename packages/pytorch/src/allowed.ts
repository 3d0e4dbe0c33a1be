import { quoted, refusal, SAVE_AGAIN } from './refusal.ts';
import { tensorOf } from './tensor.ts';
import { describe, isKind, type Namespace, type StoredTensor, type StoredType, type Value } from './value.ts';

/** Element types of the storage classes, all of module `torch`. */
const STORAGES: ReadonlyMap<string, StoredType> = new Map(
  Object.entries({
    DoubleStorage: 'F64',
    FloatStorage: 'F32',
    HalfStorage: 'F16',
    BFloat16Storage: 'BF16',
    LongStorage: 'I64',
    IntStorage: 'I32',
    ShortStorage: 'I16',
    CharStorage: 'I8',
    ByteStorage: 'U8',
    BoolStorage: 'BOOL',
  } as const).map(([name, dtype]) => [`torch.${name}`, dtype]),
);

const DTYPES = ['float64', 'float32', 'float16', 'bfloat16', 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool'];

type Meaning = (args: readonly Value[]) => Value;

const only = (args: readonly Value[], name: string): Value => {
  if (args.length === 1) return args[0]!;
  throw refusal(`Wrong arguments of ${name}`, { expected: 'one', got: String(args.length), hint: SAVE_AGAIN });
};

/**
 * A set is returned as the list of its elements, which is not copied. Many sets may share one list, so copies could use
 * far more memory than the file.
 */
const setOf: Meaning = (args) => {
  const items = only(args, 'set');
  if (Array.isArray(items)) return items;
  throw refusal('Wrong arguments of set', { expected: 'a list', got: describe(items), hint: SAVE_AGAIN });
};

const deviceOf: Meaning = ([type, index]) => {
  if (typeof type !== 'string' || type.length > 20)
    throw refusal('Wrong arguments of torch.device', {
      expected: 'a name such as "cpu"',
      got: describe(type),
      hint: SAVE_AGAIN,
    });
  return typeof index === 'number' ? `${type}:${index}` : type;
};

/**
 * Functions that replace the allowed globals. Each function builds its result only from its arguments, and has no side
 * effects.
 */
const CALLS: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  [
    'collections.OrderedDict',
    (args) => {
      if (args.length > 0)
        throw refusal('Wrong arguments of collections.OrderedDict', {
          expected: 'none',
          got: String(args.length),
          hint: SAVE_AGAIN,
        });
      return new Map();
    },
  ],
  ['torch._utils._rebuild_tensor_v2', tensorOf],
  ['torch._utils._rebuild_parameter', ([tensor]) => tensorIn(tensor)],
  ['torch.Size', (args) => only(args, 'torch.Size')],
  ['torch.device', deviceOf],
  ...['builtins.set', '__builtin__.set', 'builtins.frozenset', '__builtin__.frozenset'].map(
    (name): [string, Meaning] => [name, setOf],
  ),
]);

const tensorIn = (value: Value | undefined): StoredTensor => {
  if (isKind(value, 'tensor')) return value;
  throw refusal('Wrong arguments of torch._utils._rebuild_parameter', {
    expected: 'a tensor',
    got: describe(value),
    hint: SAVE_AGAIN,
  });
};

const NAMESPACE = 'argparse.Namespace';
const KNOWN: ReadonlySet<string> = new Set([...CALLS.keys(), ...STORAGES.keys(), NAMESPACE]);
const TYPES: ReadonlySet<string> = new Set(DTYPES.map((name) => `torch.${name}`));

/** Descriptions, for messages, of globals that occur in valid files but are not supported. */
const REASONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'torch._utils._rebuild_qtensor': 'a quantised tensor',
    'torch._utils._rebuild_sparse_tensor': 'a sparse tensor',
    'torch._utils._rebuild_meta_tensor_no_storage': 'a tensor without numbers',
    'torch.ComplexFloatStorage': 'complex numbers',
    'torch.ComplexDoubleStorage': 'complex numbers',
    'numpy.core.multiarray.scalar': 'a number of NumPy',
    'numpy.core.multiarray._reconstruct': 'an array of NumPy',
  }),
);

/**
 * Returns the global with the given name if the name is on the list of globals that a state dict needs. The function
 * only compares whole names. The function does not look up, import or call anything.
 *
 * @throws `checkpoint` for a name that is not on the list; the message contains the name.
 */
export const allowed = (module: string, name: string): Value => {
  const full = `${module}.${name}`;
  // A name with a dot is refused, because it would denote an attribute of a global. Only names of modules contain dots.
  if (!name.includes('.') && KNOWN.has(full)) return { kind: 'global', name: full };
  if (!name.includes('.') && TYPES.has(full)) return full;
  throw forbidden(full);
};

/** Returns the error for a global that is not on the list. */
export const forbidden = (name: string): Error => {
  const named = quoted(name);
  const reason = REASONS.get(name);
  return refusal(
    reason === undefined
      ? `The file makes Python load ${named}, which could run any code; such files are refused`
      : `The file holds ${reason} (${named})`,
    { expected: 'tensors, numbers and text only', hint: `If you trust it: ${SAVE_AGAIN}` },
  );
};

/**
 * Returns the value of `REDUCE` for a global and its arguments.
 *
 * @throws `checkpoint` for a call that is not allowed.
 */
export const called = (callee: Value | undefined, args: Value | undefined): Value => {
  const meaning = isKind(callee, 'global') ? CALLS.get(callee.name) : undefined;
  if (meaning === undefined)
    throw refusal(`The file calls ${describe(callee)}, but this reader calls nothing`, {
      expected: 'tensors, numbers and text only',
      hint: SAVE_AGAIN,
    });
  if (!Array.isArray(args))
    throw refusal(`Wrong arguments of ${describe(callee)}`, {
      expected: 'a tuple',
      got: describe(args),
      hint: SAVE_AGAIN,
    });
  return meaning(args);
};

/** Returns the value of `NEWOBJ`: an empty namespace. @throws `checkpoint` for a class other than the namespace. */
export const created = (type: Value | undefined, args: Value | undefined): Namespace => {
  if (isKind(type, 'global') && type.name === NAMESPACE && Array.isArray(args) && args.length === 0)
    return { kind: 'namespace', fields: new Map() };
  throw refusal(`The file makes an object of ${describe(type)}, but this reader makes no objects`, {
    expected: 'tensors, numbers and text only',
    hint: SAVE_AGAIN,
  });
};

/**
 * Applies `BUILD`: sets the fields of an empty namespace. The state of a dictionary is ignored, because in a state dict
 * this state only contains the versions of the modules.
 *
 * @throws `checkpoint` if the target is not an empty namespace or a dictionary, or if the state is not allowed.
 */
export const built = (target: Value | undefined, state: Value | undefined): void => {
  if (state instanceof Map && isKind(target, 'namespace') && target.fields.size === 0) target.fields = state;
  else if (!(state instanceof Map && target instanceof Map))
    throw refusal(`The file sets the state of ${describe(target)}, but this reader makes no objects`, {
      expected: 'tensors, numbers and text only',
      hint: SAVE_AGAIN,
    });
};

/** Returns the element type of a storage class. @throws `checkpoint` for a value that is not a storage class. */
export const storedType = (type: Value | undefined): StoredType => {
  const dtype = isKind(type, 'global') ? STORAGES.get(type.name) : undefined;
  if (dtype === undefined)
    throw refusal('Wrong storage', {
      expected: `one of ${[...STORAGES.keys()].join(', ')}`,
      got: describe(type),
      hint: SAVE_AGAIN,
    });
  return dtype;
};

import { storedType } from './allowed.ts';
import { DAMAGED, quoted, refusal } from './refusal.ts';
import { assertShallow } from './shallow.ts';
import { settingsOf, stateDictOf, type Setting } from './state-dict.ts';
import { gathered, gatheredBytes, WIDTHS, type PthTensor } from './tensor.ts';
import { unpickle } from './unpickle.ts';
import { describe, isCount, type Value } from './value.ts';
import { openZip, type Archive } from './zip.ts';

export interface PthOptions {
  /** The key of the state dict in a checkpoint. Default: the file itself where all its values are tensors, else `state_dict`, else `ema`. */
  readonly key?: string;
}

export interface PthCheckpoint {
  readonly tensors: Readonly<Record<string, PthTensor>>;
  /** The key that the state dict lay under; empty for the file itself. */
  readonly from: string;
  /** Settings that were saved under `args`: text, numbers and truth values. */
  readonly args: Readonly<Record<string, Setting>>;
}

/**
 * The state dict of a `.pth` file, as `torch.save` of PyTorch 1.6 and later writes it: tensors by name. Nothing of the file is executed.
 *
 * @remarks A pure function of bytes, for Node and pages. The tensors are copies and belong to the caller; together they hold at most eight times the bytes of the file, or 64 MiB.
 * @throws `checkpoint` for a damaged file, and for one that asks for anything but tensors, numbers and text, naming it.
 */
export const readPth = (bytes: Uint8Array, options: PthOptions = {}): Readonly<Record<string, PthTensor>> => readPthCheckpoint(bytes, options).tensors;

/** The same with the settings of the training that wrote it. @throws what {@link readPth} throws. */
export const readPthCheckpoint = (bytes: Uint8Array, { key }: PthOptions = {}): PthCheckpoint => {
  const limit = Math.max(2 ** 26, 8 * bytes.length);
  const root = valueOf(bytes, limit);
  const { from, tensors } = stateDictOf(root, key);
  const total = [...tensors.values()].reduce((sum, tensor) => sum + gatheredBytes(tensor), 0);
  // Tensors of one storage, or strides of zero, can ask for any amount.
  if (total > limit) throw refusal('The tensors hold far more than the file', { expected: `at most ${limit} bytes`, got: String(total), hint: 'Save each tensor as its own: tensor.clone().' });
  // Without a prototype: a name such as __proto__ is a name.
  const named = Object.create(null) as Record<string, PthTensor>;
  for (const [name, tensor] of tensors) named[name] = gathered(tensor);
  return { tensors: named, from, args: settingsOf(root) };
};

/** True for the beginning of a file of `torch.save`, of now or of before 1.6. */
export const isPth = (bytes: Uint8Array): boolean => isZip(bytes) || isLegacy(bytes);

const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;

/** A pickle or a tar archive; the brace is where the header of a safetensors file begins. */
const isLegacy = (bytes: Uint8Array): boolean =>
  bytes[8] !== 0x7b && ((bytes[0] === 0x80 && bytes[1]! >= 1 && bytes[1]! <= 5) || new TextDecoder('latin1').decode(bytes.subarray(257, 262)) === 'ustar');

const valueOf = (bytes: Uint8Array, limit: number): Value => {
  if (!isZip(bytes)) {
    throw refusal(isLegacy(bytes) ? 'A file in the format of PyTorch before 1.6, or a bare pickle' : 'Not a file of torch.save', {
      expected: 'a zip archive', hint: isLegacy(bytes) ? 'In Python: torch.save(torch.load("old.pth", map_location="cpu", weights_only=True), "new.pth")' : 'Give a .pth file that torch.save wrote.',
    });
  }
  const archive = openZip(bytes, limit);
  const prefix = prefixOf(archive);
  const file = (name: string): Uint8Array => archive.read(`${prefix}${name}`);
  if (archive.names.includes(`${prefix}byteorder`) && new TextDecoder().decode(file('byteorder')) !== 'little') {
    throw refusal('The numbers are big-endian', { expected: 'little', got: 'another order', hint: 'In Python: torch.save(torch.load("old.pth"), "new.pth") on a machine of today.' });
  }
  const root = unpickle(file('data.pkl'), storages(file));
  assertShallow(root);
  return root;
};

/** `<name>/` of an archive of `torch.save`: everything lies in one folder. */
const prefixOf = ({ names }: Archive): string => {
  const pickle = names.find((name) => /^[^/\\]+\/data\.pkl$/.test(name));
  if (pickle === undefined) throw refusal('A zip archive, but not one of torch.save', { expected: 'a file <name>/data.pkl', got: names.slice(0, 4).map(quoted).join(', ') || 'no files', hint: 'Give a .pth file that torch.save wrote.' });
  const prefix = pickle.slice(0, -'data.pkl'.length);
  const stray = names.find((name) => !name.startsWith(prefix) || name.split(/[/\\]/).some((part) => part === '..' || part === '.'));
  if (stray !== undefined) throw refusal('A file outside the folder of the archive', { expected: `names that begin with ${prefix}`, got: quoted(stray), hint: 'Give a .pth file that torch.save wrote.' });
  if (names.some((name) => name === `${prefix}constants.pkl` || name.startsWith(`${prefix}code/`))) {
    throw refusal('A TorchScript archive: a program, not tensors', { hint: 'In Python: torch.save(torch.jit.load("model.pt").state_dict(), "weights.pth")' });
  }
  return prefix;
};

/** The storages that persistent ids `('storage', type, key, location, elements)` stand for; each is read once. */
const storages = (file: (name: string) => Uint8Array): ((id: Value) => Value) => {
  const read = new Map<string, Uint8Array>();
  return (id) => {
    const [tag, type, key, , elements] = Array.isArray(id) ? id : [];
    if (tag !== 'storage' || typeof key !== 'string' || !isCount(elements)) throw refusal('Wrong persistent id', { expected: '("storage", type, key, location, elements)', got: describe(id), hint: DAMAGED });
    const dtype = storedType(type);
    const bytes = read.get(key) ?? file(`data/${key}`);
    read.set(key, bytes);
    if (bytes.length !== elements * WIDTHS[dtype]) throw refusal(`Wrong size of storage ${quoted(key)}`, { expected: `${elements * WIDTHS[dtype]} bytes`, got: String(bytes.length), hint: DAMAGED });
    return { kind: 'storage', dtype, bytes };
  };
};

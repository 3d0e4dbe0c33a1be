import { storedType } from './allowed.ts';
import { DAMAGED, quoted, refusal } from './refusal.ts';
import { assertShallow } from './shallow.ts';
import { settingsOf, stateDictOf, type Setting } from './state-dict.ts';
import { gathered, gatheredBytes, WIDTHS, type PthTensor } from './tensor.ts';
import { unpickle } from './unpickle.ts';
import { describe, isCount, type Value } from './value.ts';
import { openZip, type Archive } from './zip.ts';

/** Options of {@link readPth} and {@link readPthCheckpoint}. */
export interface PthOptions {
  /**
   * Key of the state dict in the file. Tensors that this state dict lacks are taken from `state_dict`. Default: the
   * file itself if all its values are tensors, otherwise `state_dict`, otherwise `ema`.
   */
  readonly key?: string;
}

/** Result of {@link readPthCheckpoint}. */
export interface PthCheckpoint {
  /** Tensors by name. The object has no prototype. */
  readonly tensors: Readonly<Record<string, PthTensor>>;
  /** Key of the state dict. Empty if the file itself is the state dict. */
  readonly from: string;
  /** Settings saved under `args`: strings, numbers, booleans and null. Values of other types are left out. */
  readonly args: Readonly<Record<string, Setting>>;
}

/**
 * Returns the tensors of the state dict in a `.pth` file, by name. Reads files that `torch.save` of PyTorch 1.6 or
 * later wrote, and executes nothing from the file.
 *
 * @remarks A pure function of bytes, for Node and pages. The tensors are copies and belong to the caller. All tensors
 * together have at most eight times the bytes of the file, or 64 MiB, whichever is more.
 * @throws `checkpoint` for a damaged file, and for a file that contains values other than tensors, numbers and strings.
 */
export const readPth = (bytes: Uint8Array, options: PthOptions = {}): Readonly<Record<string, PthTensor>> =>
  readPthCheckpoint(bytes, options).tensors;

/**
 * Returns the tensors as {@link readPth} does, and the settings of the training that wrote the file.
 *
 * @throws the errors of {@link readPth}.
 */
export const readPthCheckpoint = (bytes: Uint8Array, { key }: PthOptions = {}): PthCheckpoint => {
  const limit = Math.max(2 ** 26, 8 * bytes.length);
  const root = valueOf(bytes, limit);
  const { from, tensors } = stateDictOf(root, key);
  const total = [...tensors.values()].reduce((sum, tensor) => sum + gatheredBytes(tensor), 0);
  // Tensors that share a storage, or that have strides of zero, can be much larger than the file.
  if (total > limit)
    throw refusal('The tensors are far larger than the file', {
      expected: `at most ${limit} bytes`,
      got: String(total),
      hint: 'Save a copy of each tensor: tensor.clone().',
    });
  // The object has no prototype, so that names such as __proto__ have no special meaning.
  const named = Object.create(null) as Record<string, PthTensor>;
  for (const [name, tensor] of tensors) named[name] = gathered(tensor);
  return { tensors: named, from, args: settingsOf(root) };
};

/** Whether the bytes begin like a file of `torch.save`, in the current format or in the format before PyTorch 1.6. */
export const isPth = (bytes: Uint8Array): boolean => isZip(bytes) || isLegacy(bytes);

const isZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;

/**
 * Whether the bytes begin a pickle or a tar archive. With a brace at byte 8, the file is not a pickle but a safetensors
 * file.
 */
const isLegacy = (bytes: Uint8Array): boolean =>
  bytes[8] !== 0x7b &&
  ((bytes[0] === 0x80 && bytes[1]! >= 1 && bytes[1]! <= 5) ||
    new TextDecoder('latin1').decode(bytes.subarray(257, 262)) === 'ustar');

const valueOf = (bytes: Uint8Array, limit: number): Value => {
  if (!isZip(bytes)) {
    throw refusal(
      isLegacy(bytes) ? 'A file in the format of PyTorch before 1.6, or a bare pickle' : 'Not a file of torch.save',
      {
        expected: 'a zip archive',
        hint: isLegacy(bytes)
          ? 'In Python: torch.save(torch.load("old.pth", map_location="cpu", weights_only=True), "new.pth")'
          : 'Give a .pth file that torch.save wrote.',
      },
    );
  }
  const archive = openZip(bytes, limit);
  const prefix = prefixOf(archive);
  const file = (name: string): Uint8Array => archive.read(`${prefix}${name}`);
  if (archive.names.includes(`${prefix}byteorder`) && new TextDecoder().decode(file('byteorder')) !== 'little') {
    throw refusal('The numbers are big-endian', {
      expected: 'little-endian numbers',
      got: 'another order',
      hint: 'In Python: torch.save(torch.load("old.pth"), "new.pth") on a little-endian machine.',
    });
  }
  const root = unpickle(file('data.pkl'), storages(file));
  assertShallow(root);
  return root;
};

/** Returns `<name>/`, the folder in which an archive of `torch.save` has all its files. */
const prefixOf = ({ names }: Archive): string => {
  const pickle = names.find((name) => /^[^/\\]+\/data\.pkl$/.test(name));
  if (pickle === undefined)
    throw refusal('A zip archive, but not one of torch.save', {
      expected: 'a file <name>/data.pkl',
      got: names.slice(0, 4).map(quoted).join(', ') || 'no files',
      hint: 'Give a .pth file that torch.save wrote.',
    });
  const prefix = pickle.slice(0, -'data.pkl'.length);
  const stray = names.find(
    (name) => !name.startsWith(prefix) || name.split(/[/\\]/).some((part) => part === '..' || part === '.'),
  );
  if (stray !== undefined)
    throw refusal('A file outside the folder of the archive', {
      expected: `names that begin with ${prefix}`,
      got: quoted(stray),
      hint: 'Give a .pth file that torch.save wrote.',
    });
  if (names.some((name) => name === `${prefix}constants.pkl` || name.startsWith(`${prefix}code/`))) {
    throw refusal('A TorchScript archive: a program, not tensors', {
      hint: 'In Python: torch.save(torch.jit.load("model.pt").state_dict(), "weights.pth")',
    });
  }
  return prefix;
};

/**
 * Returns a function from persistent ids `('storage', type, key, location, elements)` to storages. Reads each file
 * once.
 */
const storages = (file: (name: string) => Uint8Array): ((id: Value) => Value) => {
  const read = new Map<string, Uint8Array>();
  return (id) => {
    const [tag, type, key, , elements] = Array.isArray(id) ? id : [];
    if (tag !== 'storage' || typeof key !== 'string' || !isCount(elements))
      throw refusal('Wrong persistent id', {
        expected: '("storage", type, key, location, elements)',
        got: describe(id),
        hint: DAMAGED,
      });
    const dtype = storedType(type);
    const bytes = read.get(key) ?? file(`data/${key}`);
    read.set(key, bytes);
    if (bytes.length !== elements * WIDTHS[dtype])
      throw refusal(`Wrong size of storage ${quoted(key)}`, {
        expected: `${elements * WIDTHS[dtype]} bytes`,
        got: String(bytes.length),
        hint: DAMAGED,
      });
    return { kind: 'storage', dtype, bytes };
  };
};

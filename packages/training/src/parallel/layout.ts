import { elementsOf, FlowError, kernel, type NamedTensors, type Slot } from '@impflow/core';
import { tensor, type Tensor } from '@tensorflow/tfjs-core';

/** Positions of named tensors that are stored in one memory, one after the other. */
export interface Layout {
  readonly slots: Readonly<Record<string, Slot>>;
  /** Total size of all slots, in bytes. */
  readonly bytes: number;
}

type Described = Pick<Tensor, 'shape' | 'dtype' | 'size'>;

/** Returns the layout of tensors in the order of the record. */
export const layoutOf = (tensors: Readonly<Record<string, Described>>): Layout => {
  let offset = 0;
  const slots = Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, dtype, size }]): [string, Slot] => {
      const slot = { shape: [...shape], dtype, offset, size };
      offset += size;
      return [name, slot];
    }),
  );
  return { slots, bytes: 4 * offset };
};

/**
 * Checks that a worker and the caller have built equal models.
 *
 * @throws `option` if the variables of the two models differ. The message contains the name of the first variable that
 * differs.
 */
export const assertSameModel = (worker: string, found: Layout, wanted: Layout): void => {
  if (found.bytes === wanted.bytes && JSON.stringify(found) === JSON.stringify(wanted)) return;
  const text = (slot: Slot | undefined): string =>
    slot === undefined ? 'none' : `${slot.dtype} [${slot.shape.join(', ')}]`;
  const names = [...new Set([...Object.keys(wanted.slots), ...Object.keys(found.slots)])];
  const name = names.find((path) => text(found.slots[path]) !== text(wanted.slots[path]));
  throw new FlowError('option', 'training/dataParallel', `${worker} built a different model`, {
    ...(name === undefined
      ? { expected: 'parameters and buffers in the same order', got: 'a different order' }
      : { expected: `${name} as ${text(wanted.slots[name])}`, got: text(found.slots[name]) }),
    hint: 'Build the models of the caller and of the workers from the same data.',
  });
};

interface SlotsInMemory {
  readonly memory: ArrayBufferLike;
  readonly slots: readonly Slot[];
}

/**
 * Copies the inputs, named `'0'`, `'1'`, ..., to their slots in memory outside the backend. Returns the tensors that
 * were not copied: no tensors if the backend has a kernel for this copy, and otherwise all tensors.
 */
const storing = kernel<NamedTensors, SlotsInMemory>('ImpflowStore');

/** Returns one tensor per slot, with a copy of its values. */
const loading = kernel<NamedTensors, SlotsInMemory>('ImpflowLoad');

/**
 * Copies the values of tensors into their slots. If the backend has no kernel for this copy, the tensors are read
 * concurrently.
 */
export const store = async (
  { slots }: Layout,
  memory: ArrayBufferLike,
  tensors: Readonly<Record<string, Tensor>>,
): Promise<void> => {
  const places = Object.keys(tensors).map((name) => slots[name]!);
  const left = storing.run<readonly Tensor[]>(
    Object.fromEntries(Object.values(tensors).entries()),
    { memory, slots: places },
    () => Object.values(tensors),
  );
  await Promise.all(left.map(async (x, i) => elementsOf(memory, places[i]!).set(await x.data())));
};

/** Returns one tensor per slot, with a copy of the values in the slot. The caller owns the tensors. */
export const loadedAll = (memory: ArrayBufferLike, slots: readonly Slot[]): readonly Tensor[] =>
  loading.run<readonly Tensor[]>({}, { memory, slots }, () => slots.map((slot) => loaded(memory, slot)));

/** Returns a tensor with a copy of the values in a slot, or of some rows of the slot. The caller owns the tensor. */
export const loaded = (
  buffer: ArrayBufferLike,
  slot: Slot,
  rows?: { readonly from: number; readonly count: number },
): Tensor => {
  const { shape, dtype, size } = slot;
  const perRow = size / (shape[0] ?? 1);
  // The values are always copied, because a backend may keep the array of a new tensor, and this memory will be
  // overwritten.
  const values =
    rows === undefined
      ? elementsOf(buffer, slot).slice()
      : elementsOf(buffer, slot).slice(rows.from * perRow, (rows.from + rows.count) * perRow);
  return tensor(
    dtype === 'bool' ? Uint8Array.from(values) : values,
    rows === undefined ? [...shape] : [rows.count, ...shape.slice(1)],
    dtype,
  );
};

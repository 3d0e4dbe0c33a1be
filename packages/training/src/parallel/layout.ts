import { elementsOf, kernel, type NamedTensors, type Slot } from '@impflow/core';
import { tensor, type Tensor } from '@tensorflow/tfjs-core';

/** Where named tensors lie, one after the other. */
export interface Layout {
  readonly slots: Readonly<Record<string, Slot>>;
  readonly bytes: number;
}

type Described = Pick<Tensor, 'shape' | 'dtype' | 'size'>;

export const layoutOf = (tensors: Readonly<Record<string, Described>>): Layout => {
  let offset = 0;
  const slots = Object.fromEntries(Object.entries(tensors).map(([name, { shape, dtype, size }]): [string, Slot] => {
    const slot = { shape: [...shape], dtype, offset, size };
    offset += size;
    return [name, slot];
  }));
  return { slots, bytes: 4 * offset };
};

interface SlotsInMemory {
  readonly memory: ArrayBufferLike;
  readonly slots: readonly Slot[];
}

/** Copies tensors, named `'0'`, `'1'`, ..., to their slots in memory outside the backend -> what is left to copy: none of them. */
const storing = kernel<NamedTensors, SlotsInMemory>('ImpflowStore');

/** Tensors with copies of what lies in slots of such memory -> one for each. */
const loading = kernel<NamedTensors, SlotsInMemory>('ImpflowLoad');

/** Copies the values of tensors into their slots; where no kernel does it, the reads overlap. */
export const store = async ({ slots }: Layout, memory: ArrayBufferLike, tensors: Readonly<Record<string, Tensor>>): Promise<void> => {
  const places = Object.keys(tensors).map((name) => slots[name]!);
  const left = storing.run<readonly Tensor[]>(Object.fromEntries(Object.values(tensors).entries()), { memory, slots: places }, () => Object.values(tensors));
  await Promise.all(left.map(async (x, i) => elementsOf(memory, places[i]!).set(await x.data())));
};

/** Tensors with copies of the values in these slots. Belong to the caller. */
export const loadedAll = (memory: ArrayBufferLike, slots: readonly Slot[]): readonly Tensor[] =>
  loading.run<readonly Tensor[]>({}, { memory, slots }, () => slots.map((slot) => loaded(memory, slot)));

/** A tensor with a copy of the values in a slot, or of some of its rows. Belongs to the caller. */
export const loaded = (buffer: ArrayBufferLike, slot: Slot, rows?: { readonly from: number; readonly count: number }): Tensor => {
  const { shape, dtype, size } = slot;
  const perRow = size / (shape[0] ?? 1);
  // A copy in any case: backends may keep the array that a tensor is made of, and this memory changes.
  const values = rows === undefined ? elementsOf(buffer, slot).slice() : elementsOf(buffer, slot).slice(rows.from * perRow, (rows.from + rows.count) * perRow);
  return tensor(dtype === 'bool' ? Uint8Array.from(values) : values, rows === undefined ? [...shape] : [rows.count, ...shape.slice(1)], dtype);
};

import { elementsOf, fused, type Slot } from '@impflow/core';
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

/** Copies the values of tensors into their slots; where no kernel does it, the reads overlap. */
export const store = async ({ slots }: Layout, memory: ArrayBufferLike, tensors: Readonly<Record<string, Tensor>>): Promise<void> => {
  const places = Object.keys(tensors).map((name) => slots[name]!);
  const left = fused('ImpflowStore', Object.fromEntries(Object.values(tensors).entries()), { memory, slots: places }, () => Object.values(tensors));
  await Promise.all(left.map(async (x, i) => elementsOf(memory, places[i]!).set(await x.data())));
};

/** Tensors with copies of the values in these slots. Belong to the caller. */
export const loadedAll = (memory: ArrayBufferLike, slots: readonly Slot[]): readonly Tensor[] =>
  fused('ImpflowLoad', {}, { memory, slots }, () => slots.map((slot) => loaded(memory, slot)));

/** A tensor with a copy of the values in a slot, or of some of its rows. Belongs to the caller. */
export const loaded = (buffer: ArrayBufferLike, slot: Slot, rows?: { readonly from: number; readonly count: number }): Tensor => {
  const { shape, dtype, size } = slot;
  const perRow = size / (shape[0] ?? 1);
  // A copy in any case: backends may keep the array that a tensor is made of, and this memory changes.
  const values = rows === undefined ? elementsOf(buffer, slot).slice() : elementsOf(buffer, slot).slice(rows.from * perRow, (rows.from + rows.count) * perRow);
  return tensor(dtype === 'bool' ? Uint8Array.from(values) : values, rows === undefined ? [...shape] : [rows.count, ...shape.slice(1)], dtype);
};

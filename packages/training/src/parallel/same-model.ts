import { FlowError, type Slot } from '@impflow/core';
import type { Layout } from './layout.ts';

/**
 * @throws `option` where the variables of a worker's model differ from the caller's; it names the first that differs.
 */
export const assertSameModel = (worker: string, found: Layout, wanted: Layout): void => {
  if (found.bytes === wanted.bytes && JSON.stringify(found) === JSON.stringify(wanted)) return;
  const text = (slot: Slot | undefined): string =>
    slot === undefined ? 'none' : `${slot.dtype} [${slot.shape.join(', ')}]`;
  const names = [...new Set([...Object.keys(wanted.slots), ...Object.keys(found.slots)])];
  const name = names.find((path) => text(found.slots[path]) !== text(wanted.slots[path]));
  throw new FlowError('option', 'training/dataParallel', `${worker} built another model`, {
    ...(name === undefined
      ? { expected: 'parameters and buffers in the same order', got: 'another' }
      : { expected: `${name} as ${text(wanted.slots[name])}`, got: text(found.slots[name]) }),
    hint: 'Build both from the same data.',
  });
};

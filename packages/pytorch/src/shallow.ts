import { refusal, SAVE_AGAIN } from './refusal.ts';
import { isKind, type Value } from './value.ts';

const MAX_DEPTH = 64;

/**
 * Throws `checkpoint` for a value that contains itself or is nested deeper than 64 levels. The function does not
 * recurse, and visits a shared value only once.
 */
export const assertShallow = (root: Value): void => {
  const open = new Set<Value>();
  const done = new Set<Value>();
  const path: { readonly value: Value; readonly parts: Iterator<Value> }[] = [];
  const enter = (value: Value): void => {
    if (open.has(value)) throw refusal('The file holds a list that holds itself', { hint: SAVE_AGAIN });
    if (path.length === MAX_DEPTH)
      throw refusal('The file is nested too deeply', {
        expected: `at most ${MAX_DEPTH} levels`,
        got: 'more',
        hint: SAVE_AGAIN,
      });
    open.add(value);
    path.push({ value, parts: partsOf(value) });
  };
  if (isContainer(root)) enter(root);
  while (path.length > 0) {
    const { value, parts } = path.at(-1)!;
    const next = parts.next();
    if (next.done === true) {
      path.pop();
      open.delete(value);
      done.add(value);
    } else if (isContainer(next.value) && !done.has(next.value)) enter(next.value);
  }
};

const isContainer = (value: Value): boolean =>
  Array.isArray(value) || value instanceof Map || isKind(value, 'namespace');

const partsOf = function* (value: Value): Generator<Value> {
  if (Array.isArray(value)) yield* value;
  else if (value instanceof Map) for (const pair of value) yield* pair;
  // Yields the map instead of its entries, so that a map that several namespaces share is visited only once.
  else if (isKind(value, 'namespace')) yield value.fields as Map<Value, Value>;
};

import { dirname, posix } from 'node:path';

/**
 * Files that import each other, directly or through others, imports of types included: the strongly connected
 * components of more than one file, the largest first (Tarjan, Depth-first search and linear graph algorithms, 1972).
 *
 * @param {readonly (readonly [path: string, text: string])[]} sources
 * @returns {readonly (readonly string[])[]}
 */
export const circlesOf = (sources) => {
  const known = new Set(sources.map(([name]) => name));
  const imports = new Map(
    sources.map(([name, text]) => [
      name,
      [...text.matchAll(/from '(\.[^']+)'/g)]
        .map(([, path]) => posix.join(dirname(name), path))
        .filter((path) => known.has(path)),
    ]),
  );
  /** @type {string[][]} */
  const found = [];
  /** @type {Map<string, number>} */
  const index = new Map();
  /** @type {Map<string, number>} */
  const low = new Map();
  /** @type {string[]} */
  const stack = [];
  /** @type {Set<string>} */
  const onStack = new Set();
  /**
   * The lowest index that a file reaches.
   *
   * @param {string} name
   * @returns {number}
   */
  const visit = (name) => {
    const own = index.size;
    let lowest = own;
    index.set(name, own);
    low.set(name, own);
    stack.push(name);
    onStack.add(name);
    for (const next of imports.get(name) ?? []) {
      const reached = index.has(next) ? (low.get(next) ?? own) : visit(next);
      if (onStack.has(next)) lowest = Math.min(lowest, reached);
      low.set(name, lowest);
    }
    if (lowest !== own) return lowest;
    const circle = stack.splice(stack.lastIndexOf(name));
    for (const member of circle) onStack.delete(member);
    if (circle.length > 1) found.push(circle.toSorted());
    return lowest;
  };
  for (const name of imports.keys()) if (!index.has(name)) visit(name);
  return found.toSorted((a, b) => b.length - a.length);
};

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
  const found = [];
  const [index, low, stack, onStack] = [new Map(), new Map(), [], new Set()];
  const visit = (name) => {
    index.set(name, index.size);
    low.set(name, index.get(name));
    stack.push(name);
    onStack.add(name);
    for (const next of imports.get(name)) {
      if (!index.has(next)) visit(next);
      if (onStack.has(next)) low.set(name, Math.min(low.get(name), low.get(next)));
    }
    if (low.get(name) !== index.get(name)) return;
    const circle = stack.splice(stack.lastIndexOf(name));
    for (const member of circle) onStack.delete(member);
    if (circle.length > 1) found.push(circle.toSorted());
  };
  for (const name of imports.keys()) if (!index.has(name)) visit(name);
  return found.toSorted((a, b) => b.length - a.length);
};

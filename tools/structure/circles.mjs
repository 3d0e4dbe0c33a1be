import { dirname, posix } from 'node:path';

/** @typedef {readonly (readonly [path: string, text: string])[]} Sources */

/**
 * Returns the files of `sources` that each file imports, including imports of types.
 *
 * @param {Sources} sources
 * @returns {ReadonlyMap<string, readonly string[]>}
 */
const importsOf = (sources) => {
  const known = new Set(sources.map(([name]) => name));
  return new Map(
    sources.map(([name, text]) => [
      name,
      [...text.matchAll(/from '(\.[^']+)'/g)]
        .map(([, path]) => posix.join(dirname(name), path))
        .filter((path) => known.has(path)),
    ]),
  );
};

/**
 * Returns groups of files that import each other, directly or through other files.
 *
 * @param {Sources} sources
 */
export const circlesOf = (sources) => componentsOf(importsOf(sources));

/**
 * Returns groups of folders of a project that import each other, directly or through other folders. Only folders
 * directly in `folder` count. Files directly in `folder` are ignored: they may import from every folder, and every
 * folder may import from them.
 *
 * @param {string} folder
 * @param {Sources} sources
 */
export const folderCirclesOf = (folder, sources) => {
  /** @type {Map<string, Set<string>>} */
  const imports = new Map();
  /** @param {string} file */
  const roomOf = (file) => {
    const [room, ...rest] = posix.relative(folder, file).split('/');
    return room === '..' || rest.length === 0 ? undefined : room;
  };
  for (const [file, targets] of importsOf(sources)) {
    const from = roomOf(file);
    if (from === undefined) continue;
    const rooms = imports.get(from) ?? new Set();
    imports.set(from, rooms);
    for (const target of targets) {
      const to = roomOf(target);
      if (to !== undefined && to !== from) rooms.add(to);
    }
  }
  return componentsOf(imports);
};

/**
 * Returns the strongly connected components with more than one node, the largest first (Tarjan, Depth-first search and
 * linear graph algorithms, 1972).
 *
 * @param {ReadonlyMap<string, Iterable<string>>} imports
 * @returns {readonly (readonly string[])[]}
 */
const componentsOf = (imports) => {
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
   * Returns the lowest index that a node reaches.
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

import { readFileSync } from 'node:fs';

/** Returns the completed function for a kind of plugin, with its imports. */
export const filledFunction = (kind: string): string =>
  readFileSync(new URL(`filled/${kind}.ts.template`, import.meta.url), 'utf8');

/** Matches an import statement, which may have several lines, and its module. */
const IMPORT = /^import [^;]*? from '([^']+)';\n/gm;

/**
 * Completes the source of a generated plugin, as its author would: writes the empty function, and changes the imports.
 */
export const fill = (source: string, name: string, filled: string): string => {
  const [, imports, body] = /^((?:import .*\n)+)\n([^]*)$/.exec(filled)!;
  const empty = new RegExp(`const ${name} = [^]*?\\n\\};\\n`);
  if (!empty.test(source)) throw new Error(`[generators/fill] No function ${name} in:\n${source}`);
  const fresh = new Map([...imports!.matchAll(IMPORT)].map(([text, module]) => [module!, text]));
  const known = new Set([...source.matchAll(IMPORT)].map(([, module]) => module));
  const replaced = source
    .replace(empty, () => body!)
    // Removes imports that only the empty function needed.
    .replace(
      IMPORT,
      (text, module: string) => fresh.get(module) ?? (text.startsWith('import { FlowError }') ? '' : text),
    );
  return [...fresh].flatMap(([module, text]) => (known.has(module) ? [] : [text])).join('') + replaced;
};

import { readFileSync } from 'node:fs';

/** The completed function of a kind, with its imports. */
export const filledFunction = (kind: string): string =>
  readFileSync(new URL(`filled/${kind}.ts.template`, import.meta.url), 'utf8');

/** Completes a package like an author: writes the one function, and changes the imports. */
export const fill = (source: string, name: string, filled: string): string => {
  const [, imports, body] = /^((?:import .*\n)+)\n([^]*)$/.exec(filled)!;
  const empty = new RegExp(`const ${name} = [^]*?\\n\\};\\n`);
  if (!empty.test(source)) throw new Error(`[generators/fill] No function ${name} in:\n${source}`);
  const lines = source.replace(empty, () => body!).split('\n');
  const moduleOf = (line: string): string | undefined => /^import .* from '(.+)';$/.exec(line)?.[1];
  const fresh = imports!.trim().split('\n');
  const known = lines.map(moduleOf);
  const replaced = lines.map(
    (line, i) => fresh.find((one) => known[i] !== undefined && moduleOf(one) === known[i]) ?? line,
  );
  // Removes imports that only the empty function needed.
  return [
    ...fresh.filter((one) => !known.includes(moduleOf(one))),
    ...replaced.filter((line) => !line.startsWith('import { FlowError }')),
  ].join('\n');
};

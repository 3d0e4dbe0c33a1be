// Reads the exports of an entry point from its sources. Index files re-export by name, and a docstring is directly
// above each declaration.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { entries, publishable, root } from '../release/workspace.mjs';

/**
 * @typedef {{ name: string; sentence: string; isType: boolean }} Export An export; `sentence` is the first sentence of
 * its docstring.
 */

const DECLARATION =
  /(?:\/\*\*((?:(?!\*\/)[^])*)\*\/\s*)?^export (?:async )?(const|function\*?|class|interface|type) (\w+)/gm;
const REEXPORT = /^export (?:type )?(?:\*|\{([^}]*)\}) from '([^']+)'/gm;
/** Source files of the entry points, by specifier. */
const sources = Object.fromEntries(
  publishable()
    .flatMap((one) => entries(one).map(({ specifier, types }) => ({ specifier, path: join(one.folder, types) })))
    .map(({ specifier, path }) => [specifier, path.replace('dist', 'src').replace('.d.ts', '.ts')]),
);

/**
 * Returns the exports of an entry point; an empty list if the specifier does not belong to ImpFlow.
 *
 * @param {string} specifier
 */
export const exportsOf = (specifier) => (Object.hasOwn(sources, specifier) ? exportsIn(sources[specifier]) : []);

/**
 * @param {string} file
 * @returns {readonly Export[]}
 */
const exportsIn = (file) => {
  const text = readFileSync(join(root, file), 'utf8');
  const declared = [...text.matchAll(DECLARATION)]
    // The first of several overloads has the docstring.
    .filter(([, , , name], i, all) => all.findIndex((other) => other[3] === name) === i)
    .map(([, docstring = '', kind, name]) => ({
      name,
      sentence: firstSentence(docstring),
      isType: kind === 'interface' || kind === 'type',
    }));
  const others = [...text.matchAll(REEXPORT)].flatMap(([, names, from]) => {
    const theirs = from.startsWith('.') ? exportsIn(join(dirname(file), from)) : exportsOf(from);
    return names === undefined ? theirs : theirs.filter(({ name }) => namesIn(names).includes(name));
  });
  return [...declared, ...others];
};

/**
 * Returns the names between the braces of an import or a re-export, without aliases.
 *
 * @param {string} list `a, type B, c as d`
 */
export const namesIn = (list) => list.split(',').flatMap((one) => /^\s*(?:type\s+)?(\w+)/.exec(one)?.[1] ?? []);

/**
 * Returns the first sentence of a docstring as Markdown for a cell of a table, without the full stop.
 *
 * @param {string} docstring
 */
const firstSentence = (docstring) =>
  docstring
    .replaceAll(/^\s*\* ?/gm, '')
    .split(/\n\s*\n|^\s*@/m)[0]
    .replaceAll(/\{@link ([^}|]*)[^}]*\}/g, '`$1`')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replace(/(?<![\s.])\.(?: .*)?$/, '')
    .replaceAll('|', '\\|');

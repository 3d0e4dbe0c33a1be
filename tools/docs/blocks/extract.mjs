// Finds the code blocks of pages, README files and the @example of docstrings. The first line of a block may have these
// marks after its language:
//   continue            continues the program of the block before on the same page
//   page                runs in Chromium, not in Node
//   file="name"         is written to a file of this name for later blocks; not run
//   output              is the output of the block before; a line "…" stands for any lines, "…" within a line for
//                       any text
//   no-run="reason"     is not run, for this reason; TypeScript is still type-checked
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * A block of code in a document. `fragment` marks code of a docstring without a fence.
 *
 * @typedef {object} Block
 * @property {string} path
 * @property {number} line
 * @property {string} language
 * @property {Readonly<Record<string, string | boolean>>} marks
 * @property {string} code
 * @property {boolean} [fragment]
 */

export const root = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * @param {string} folder
 * @param {string} ending
 */
const filesUnder = (folder, ending) =>
  (existsSync(root + folder) ? readdirSync(root + folder, { recursive: true, encoding: 'utf8' }) : [])
    .filter((file) => file.endsWith(ending) && !/(^|\/)(node_modules|dist)\//.test(file))
    .map((file) => `${folder}/${file}`)
    .sort();
/** @param {readonly string[]} folders */
const projects = (...folders) =>
  folders.flatMap((folder) =>
    existsSync(root + folder) ? readdirSync(root + folder).map((name) => `${folder}/${name}`) : [],
  );

/**
 * Paths of the documents, from the root of the repository.
 *
 * @returns {readonly string[]}
 */
export const documents = () => [
  'README.md',
  'CONTRIBUTING.md',
  ...filesUnder('docs', '.md'),
  ...projects('packages', 'plugins', 'examples')
    .map((folder) => `${folder}/README.md`)
    .filter((path) => existsSync(root + path)),
  ...projects('packages', 'plugins').flatMap((folder) => filesUnder(`${folder}/src`, '.ts')),
];

/**
 * Returns the blocks of a document, in the order of the document.
 *
 * @param {string} path
 * @returns {readonly Block[]}
 */
export const blocksOf = (path) => {
  const text = readFileSync(root + path, 'utf8');
  return (path.endsWith('.md') ? fenced(text, 0) : examples(text)).map((block) => ({ path, ...block }));
};

/**
 * @param {string} text
 * @param {number} before
 * @returns {readonly Omit<Block, 'path'>[]}
 */
const fenced = (text, before) =>
  [...text.matchAll(/^(`{3,})([^\n`]*)\n(.*?)^\1$/gms)].map(({ 2: info, 3: code, index }) => {
    const [language = ''] = info.trim().split(/\s+/, 1);
    const rest = info.trim().slice(language.length);
    const marks = Object.fromEntries(
      [...rest.matchAll(/([\w-]+)(?:="([^"]*)")?/g)].map(([, name, value = true]) => [name, value]),
    );
    return { line: before + text.slice(0, index).split('\n').length, language, marks, code };
  });

/**
 * @param {string} source
 * @returns {readonly Omit<Block, 'path'>[]}
 */
const examples = (source) =>
  [...source.matchAll(/\/\*\*.*?\*\//gs)].flatMap(({ 0: comment, index }) => {
    const above = source.slice(0, index).split('\n').length - 1;
    const lines = comment.split('\n').map((line) => line.replace(/^\s*(\/\*\*|\*\/|\*) ?/, '').replace(/\s*\*\/$/, ''));
    return lines.flatMap((line, i) => {
      if (!line.startsWith('@example')) return [];
      const after = lines.slice(i + 1);
      const end = after.findIndex((other) => /^@\w/.test(other));
      const body = after.slice(0, end === -1 ? undefined : end).join('\n');
      const blocks = fenced(`${body}\n`, above + i + 1);
      return blocks.length > 0
        ? blocks
        : [
            {
              line: above + i + 1,
              language: 'ts',
              marks: { 'no-run': 'an @example without a fence is a fragment' },
              fragment: true,
              code: body,
            },
          ];
    });
  });

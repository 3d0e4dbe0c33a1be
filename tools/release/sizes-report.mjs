// Formats the measurements of tools/release/sizes.mjs: a table for the terminal, the page docs/sizes.md, and the packages
// over budget.

/** @import { Weight } from './bundle.mjs' */

/**
 * Sizes of one package, in bytes.
 *
 * @typedef {object} Measured
 * @property {string} name
 * @property {number} statements Of its program.
 * @property {string} said The last line of its output.
 * @property {number} packed Of its tarball.
 * @property {{ own: number; ours: number; all: number }} installed
 * @property {{ own: Weight; withTfjs: Weight }} [bundle]
 * @property {number} [left] Bytes that an unused import leaves in a bundle.
 */

/** @param {number | undefined} bytes */
const kB = (bytes) => (bytes === undefined ? '' : `${(bytes / 1000).toFixed(bytes < 1e5 ? 1 : 0)} kB`);
/** @param {number} bytes */
const MB = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

const HEAD = ['package', 'installed', 'with ours', 'with all', 'minified', 'gzip', 'gzip with tfjs-core', 'packed'];
/** @param {Pick<Measured, 'name' | 'packed' | 'installed' | 'bundle'>} measured */
const cells = ({ name, packed, installed, bundle }) => [
  name,
  kB(installed.own),
  kB(installed.ours),
  MB(installed.all),
  kB(bundle?.own.minified),
  kB(bundle?.own.gzip),
  kB(bundle?.withTfjs.gzip),
  kB(packed),
];

/** @param {readonly Measured[]} measured */
export const sizesTable = (measured) => {
  const rows = [HEAD, ...measured.map(cells)];
  const widths = HEAD.map((_, j) => Math.max(...rows.map((row) => row[j].length)));
  return rows
    .map((row) => row.map((cell, j) => (j === 0 ? cell.padEnd(widths[j]) : cell.padStart(widths[j]))).join('  '))
    .join('\n');
};

/**
 * Budgets are in kB: `installed` is the package alone, `packed` its tarball, if that is limited, `gzip` all its exports
 * with tfjs-core external.
 *
 * @param {readonly Measured[]} measured
 * @param {Readonly<Record<string, { installed: number; packed?: number; gzip?: number }>>} budgets
 */
export const problemsOf = (measured, budgets) =>
  measured.flatMap(({ name, packed, installed, bundle, left = 0 }) => {
    const budget = budgets[name];
    if (budget === undefined)
      return [
        `${name} has no budget: expected an entry in tools/release/budgets.json, ` +
          `{ "installed": ${Math.ceil(installed.own / 1000)}` +
          `${bundle ? `, "gzip": ${Math.ceil(bundle.own.gzip / 1000)}` : ''} } and some room.`,
      ];
    /**
     * @param {string} what
     * @param {number | undefined} bytes
     * @param {number} most
     */
    const over = (what, bytes, most) =>
      bytes === undefined || bytes <= most * 1000
        ? []
        : [
            `${name}, ${what}: expected at most ${most} kB, got ${kB(bytes)}. ` +
              'Find out what grew; if it is worth it, raise tools/release/budgets.json.',
          ];
    return [
      ...over('packed', packed, budget.packed ?? Infinity),
      ...over('installed', installed.own, budget.installed),
      ...over('bundle, gzip', bundle?.own.gzip, budget.gzip ?? 0),
      ...(left > 0
        ? [
            `${name}, imported and not used: expected nothing in a bundle, got ${left} bytes. Is its "sideEffects" right?`,
          ]
        : []),
    ];
  });

/**
 * @param {readonly Measured[]} measured
 * @param {{ node: string; rolldown: string }} versions
 */
export const sizesPage = (measured, versions) => `# Sizes

The sizes of each package alone, installed in an empty folder from its tarball and the tarballs of this repository's
packages that it depends on; other dependencies come from the registry. \`npm run sizes -- --write\` writes this page; it
fails if a package is above its budget (\`tools/release/budgets.json\`). Node ${versions.node}, bundled by rolldown ${versions.rolldown}.

| ${HEAD.join(' | ')} |
| ${HEAD.map((_, j) => (j === 0 ? '---' : '--:')).join(' | ')} |
${measured
  .map(
    (one) =>
      `| ${cells(one)
        .map((cell, j) => (j === 0 ? `\`${cell}\`` : cell))
        .join(' | ')} |`,
  )
  .join('\n')}

*installed*: the package's folder. It includes sources and source maps, so that debuggers and "go to definition" show
the original code. *with ours*: all of \`node_modules/@impflow\`. *with all*: all of \`node_modules\`, with TensorFlow.js
and, if the program below needs it, its CPU backend or vitest. *minified*, *gzip*: all exports of the package with their
dependencies, including modules that are loaded later, but without \`@tensorflow/tfjs-core\`; \`.wasm\` files are not
included. An unused import adds nothing to a bundle. Applications and packages for tests are not bundled.
*packed*: the tarball that npm downloads.

## Ten statements each

The output of the programs in \`tools/release/programs\` in these folders:

| package | statements | printed |
| --- | --: | --- |
${measured.map(({ name, statements, said }) => `| \`${name}\` | ${statements} | ${said.replaceAll('|', '\\|')} |`).join('\n')}
`;

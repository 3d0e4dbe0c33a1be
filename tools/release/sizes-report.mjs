// Formats the measurements of tools/release/sizes.mjs as a table for the terminal, as the page docs/sizes.md, and as a
// list of packages over budget.

/** @import { Weight } from './bundle.mjs' */

/**
 * Sizes of one package, in bytes.
 *
 * @typedef {object} Measured
 * @property {string} name
 * @property {number} statements Number of statements of the program of the package.
 * @property {string} said Last line of the output of the program.
 * @property {number} packed Bytes of the tarball.
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
 * Returns the packages over budget, as messages. Budgets are in kB: `installed` limits the package alone, `packed` its
 * tarball (optional), and `gzip` a bundle of all its exports without tfjs-core.
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
            `${name}, imported and not used: expected nothing in a bundle, got ${left} bytes. Is the field "sideEffects" of its package.json right?`,
          ]
        : []),
    ];
  });

/**
 * @param {readonly Measured[]} measured
 * @param {{ node: string; rolldown: string }} versions
 */
export const sizesPage = (measured, versions) => `# Sizes

The table has the sizes of each package. A package is installed in an empty folder, from its tarball and the tarballs of
the packages of this repository that it depends on; all other dependencies come from the registry.
\`npm run sizes -- --write\` writes this page. \`npm run sizes\` fails if a package is above its budget
(\`tools/release/budgets.json\`). Node ${versions.node}, bundled by rolldown ${versions.rolldown}.

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

- *installed*: the folder of the package. It includes sources and source maps, so that debuggers and "go to definition"
  show the original code.
- *with ours*: the folder \`node_modules/@impflow\`, with the packages of this repository that the package depends on.
- *with all*: the whole folder \`node_modules\`, with TensorFlow.js and, if the program below needs it, the CPU backend of
  TensorFlow.js or vitest.
- *minified*, *gzip*: a bundle of all exports of the package with their dependencies. The bundle includes modules that
  are loaded later, but no \`.wasm\` files and not \`@tensorflow/tfjs-core\`. An unused import adds no bytes to a bundle.
  Applications and packages for tests are not bundled.
- *packed*: the tarball that npm downloads.

## Programs of at most ten statements

\`npm run sizes\` runs the programs in \`tools/release/programs\` in the folders of the packages. The table has the last line
that each program prints:

| package | statements | printed |
| --- | --: | --- |
${measured.map(({ name, statements, said }) => `| \`${name}\` | ${statements} | ${said.replaceAll('|', '\\|')} |`).join('\n')}
`;

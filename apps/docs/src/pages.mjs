// The pages of the site by group, in the order of its menu, and the packages whose API is on the site. Every page in
// docs/ must be listed; a test checks this.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The root of the repository, with a trailing slash. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

const decisions = readdirSync(`${root}docs/decisions`)
  .filter((name) => /^\d.*\.md$/.test(name))
  .sort()
  .map((name) => `docs/decisions/${name}`);

/**
 * Pages by group, as paths from the root of the repository.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const groups = {
  Guide: ['docs/guide/start.md', 'docs/guide/mathematics.md', 'docs/theorem.md', 'docs/blocks.md'],
  Choosing: [
    'docs/guide/choosing-a-solver.md',
    'docs/guide/choosing-an-estimator.md',
    'docs/guide/choosing-a-backend.md',
  ],
  Cookbook: [
    'docs/guide/cookbook/fit-a-csv.md',
    'docs/guide/tables.md',
    'docs/guide/sweep.md',
    'docs/guide/cookbook/score-anomalies.md',
    'docs/guide/cookbook/drift.md',
    'docs/guide/cookbook/repair-rows.md',
    'docs/guide/cookbook/fill-gaps.md',
    'docs/guide/cookbook/sample.md',
    'docs/guide/cookbook/synthetic-rows.md',
    'docs/guide/cookbook/probabilities.md',
    'docs/guide/cookbook/conditional-density.md',
    'docs/guide/cookbook/simulator.md',
    'docs/guide/cookbook/serve.md',
    'docs/guide/cookbook/sql.md',
    'docs/scale.md',
    'docs/pytorch.md',
    'docs/guide/cookbook/in-a-browser.md',
    'docs/guide/cookbook/write-a-plugin.md',
  ],
  Measured: [
    'docs/results.md',
    'docs/checks.md',
    'docs/benchmarks.md',
    'docs/benchmarks-images.md',
    'docs/benchmarks-estimators.md',
    'docs/solvers-scipy.md',
    'docs/study.md',
    'docs/tables.md',
    'docs/drift.md',
    'docs/backends.md',
    'docs/images.md',
    'docs/playground.md',
    'docs/sizes.md',
    'docs/measured/README.md',
  ],
  Workshop: ['docs/architecture.md', 'CONTRIBUTING.md', 'docs/decisions/README.md'],
};

/** The pages whose files exist, each with its group. */
export const pages = [
  ...Object.entries(groups).flatMap(([group, paths]) => paths.map((path) => ({ path, group }))),
  ...decisions.map((path) => ({ path, group: 'Decisions' })),
].filter(({ path }) => existsSync(root + path));

/**
 * Returns the first heading of a page, without markup.
 *
 * @param {string} path
 */
export const titleOf = (path) => {
  const heading = /^# (.+)$/m.exec(readFileSync(root + path, 'utf8'));
  if (heading === null) throw new Error(`[docs] ${path} has no title: expected a line "# Title". Add one.`);
  return heading[1].replaceAll('`', '');
};

/**
 * A package whose API is on the site.
 *
 * @typedef {object} DocumentedPackage
 * @property {string} name
 * @property {string} folder
 * @property {string} description
 * @property {readonly { module: string; source: string }[]} entries Entry points by import name.
 * @property {string} [readme]
 */

/** @typedef {Readonly<Record<string, { '@impflow/source'?: string }>>} Exports */

/** Name of the package that most readers need; the site lists it first. */
export const FACE = 'impflow';

/** @type {readonly DocumentedPackage[]} */
export const packages = ['packages', 'plugins']
  .flatMap((folder) => readdirSync(root + folder).map((name) => `${folder}/${name}`))
  .toSorted((a, b) => Number(b === `packages/${FACE}`) - Number(a === `packages/${FACE}`))
  .flatMap((folder) => {
    const manifest = `${root}${folder}/package.json`;
    if (!existsSync(manifest)) return [];
    /** @type {{ name: string; description: string; exports: Exports }} */
    const { name, description, exports } = JSON.parse(readFileSync(manifest, 'utf8'));
    const entries = Object.entries(exports).flatMap(([path, target]) => {
      const source = target['@impflow/source'];
      return source === undefined ? [] : [{ module: name + path.slice(1), source: `${folder}/${source.slice(2)}` }];
    });
    const readme = `${folder}/README.md`;
    return [{ name, folder, description, entries, ...(existsSync(root + readme) ? { readme } : {}) }];
  });

// Checks the floors of packages (docs/architecture.md): a package may import only packages of lower floors. Reads the
// project graph of nx (tools/nx/scripts.mjs). Development dependencies may point anywhere, but only tests may use them.
// A package must declare every package that its sources and tests import, and its tests must not import from tools/.
// Files must not import each other in a circle. Folders of a project's sources must not import each other in a circle
// either.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { circlesOf, folderCirclesOf } from './structure/circles.mjs';

/** @import { Sources } from './structure/circles.mjs' */

/** @type {Readonly<Record<string, number>>} */
const FLOORS = {
  '@impflow/core': 0,
  '@impflow/kernels-native': 0,
  '@impflow/solvers': 1,
  '@impflow/lipschitz': 1,
  '@impflow/logdet': 1,
  '@impflow/plots': 1,
  '@impflow/queue': 1,
  '@impflow/backend-wasm': 1,
  '@impflow/backend-cpu': 1,
  '@impflow/backend-webgl': 1,
  '@impflow/backend-webgpu': 1,
  '@impflow/backend-cuda': 1,
  '@impflow/flows': 2,
  '@impflow/training': 3,
  '@impflow/doctor': 3,
  '@impflow/pytorch': 3,
  '@impflow/tables': 4,
  '@impflow/mpi': 4,
  impflow: 5,
  '@impflow/vision': 6,
  '@impflow/jobs': 7,
};
/**
 * Floors of whole folders: a plugin may depend on every package, but a package must not depend on a plugin.
 *
 * @type {Readonly<Record<string, number>>}
 */
const FLOOR_OF_FOLDER = { plugins: 8, apps: 9, examples: 10 };
/**
 * Packages for development. Such a package may depend on every package below the applications. Other packages may
 * depend on it only for development.
 */
const DEVELOPMENT = new Set(['@impflow/testkit']);
/** @param {string} name */
const isBackend = (name) => name.startsWith('@impflow/backend-');
/**
 * Whether a project may depend on a backend: applications, examples, and `impflow`, which starts WebAssembly where no
 * backend runs (docs/decisions/028). All packages without this permission compute on the backend that runs.
 *
 * @param {string} name
 */
const mayChooseBackend = (name) => name === 'impflow' || !isBelow(name, FLOOR_OF_FOLDER.apps);

/** Comment lines. Examples in comments may import every package. */
const COMMENT = /^\s*\*.*$/gm;
/**
 * Paths of the TypeScript files in a folder of a project.
 *
 * @param {string} root
 * @param {'src' | 'test'} part
 */
const filesOf = (root, part) => {
  const folder = join(root, part);
  return (existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [])
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => posix.join(root, part, file.replaceAll('\\', '/')));
};
const IMPORTED = /^(?:import\b[^'(=;]*|export (?:type )?(?:\*|\{[^}]*\}) from )'([^']+)'|\bimport\('([^']+)'\)/gm;
/**
 * Returns the packages that the sources or the tests of a project import, without the modules of Node.
 *
 * @param {string} root
 * @param {'src' | 'test'} part
 */
const importedBy = (root, part) =>
  new Set(
    filesOf(root, part)
      .flatMap((file) => [...readFileSync(file, 'utf8').replace(COMMENT, '').matchAll(IMPORTED)])
      .flatMap(([, from, loaded = from]) => /^(?:@[\w-]+\/)?\w[\w.-]*(?=\/|$)/.exec(loaded) ?? []),
  );
/**
 * The fields used here from the project graph of nx.
 *
 * @typedef {object} Graph
 * @property {Readonly<Record<string, { data: { root: string; tags: readonly string[] } }>>} nodes
 * @property {Readonly<Record<string, readonly { target: string }[]>>} dependencies
 */

const folder = mkdtempSync(join(tmpdir(), 'impflow-graph-'));
const file = join(folder, 'graph.json');
const { status, stderr } = spawnSync(process.execPath, ['node_modules/nx/dist/bin/nx.js', 'graph', `--file=${file}`], {
  encoding: 'utf8',
  env: { ...process.env, NX_DAEMON: 'false', CI: 'true' },
});
if (status !== 0) {
  console.error(stderr);
  process.exit(1);
}
/** @type {{ graph: Graph }} */
const { graph } = JSON.parse(readFileSync(file, 'utf8'));
rmSync(folder, { recursive: true });

/**
 * @param {string} name
 * @returns {number | undefined}
 */
const floorOf = (name) => FLOORS[name] ?? FLOOR_OF_FOLDER[graph.nodes[name]?.data.root.split('/')[0]];
/**
 * Returns whether a package is on a lower floor than `floor`; false if the package has no floor or `floor` is
 * undefined.
 *
 * @param {string} name
 * @param {number | undefined} floor
 */
const isBelow = (name, floor) => {
  const own = floorOf(name);
  return own !== undefined && floor !== undefined && own < floor;
};

/** @type {string[]} */
const problems = [];
const packages = Object.entries(graph.nodes).filter(
  ([, { data }]) => !['tests', 'layer:tools'].some((tag) => data.tags.includes(tag)),
);
for (const [name, node] of packages) {
  if (floorOf(name) === undefined && !DEVELOPMENT.has(name))
    problems.push(`${name} has no floor: add it to tools/boundaries.mjs.`);
  const {
    dependencies = {},
    peerDependencies = {},
    devDependencies = {},
  } = JSON.parse(readFileSync(join(node.data.root, 'package.json'), 'utf8'));
  for (const target of importedBy(node.data.root, 'src')) {
    if (!(target in dependencies) && !(target in peerDependencies) && target !== name)
      problems.push(`${name} imports ${target} in its sources: expected an entry in "dependencies", got none there.`);
  }
  for (const target of importedBy(node.data.root, 'test')) {
    if (!(target in dependencies) && !(target in peerDependencies) && !(target in devDependencies) && target !== name)
      problems.push(`${name} imports ${target} in its tests: expected a dependency for development, got none.`);
  }
  if (DEVELOPMENT.has(name)) continue;
  for (const { target } of graph.dependencies[name] ?? []) {
    if (!(target in dependencies) && !(target in peerDependencies)) continue;
    if (DEVELOPMENT.has(target)) problems.push(`${name} depends on ${target}, which is for development.`);
    else if (!isBelow(target, floorOf(name)))
      problems.push(
        `${name} (floor ${floorOf(name)}) depends on ${target} (floor ${floorOf(target)}): expected a lower floor.`,
      );
    if (isBackend(target) && !mayChooseBackend(name))
      problems.push(`${name} depends on ${target}: only impflow, applications and examples choose a backend.`);
  }
}
for (const [, node] of packages.filter(([, { data }]) => !data.root.startsWith('apps/'))) {
  for (const file of filesOf(node.data.root, 'test')) {
    const [, path] = /(?:from|import)\s*\(?\s*'((?:\.\.\/)+tools\/[^']*)'/.exec(readFileSync(file, 'utf8')) ?? [];
    if (path !== undefined)
      problems.push(`${file} imports ${path}: expected a package, or packages/testkit/private. Move it there.`);
  }
}
/** @type {readonly (readonly [root: string, files: Sources])[]} */
const sources = packages.map(([, { data }]) => [
  data.root,
  filesOf(data.root, 'src').map((file) => [file, readFileSync(file, 'utf8')]),
]);
for (const circle of circlesOf(sources.flatMap(([, files]) => files))) {
  problems.push(`${circle.join(', ')} import each other: move what they share to a file of its own.`);
}
for (const [root, files] of sources) {
  for (const circle of folderCirclesOf(`${root}/src`, files))
    problems.push(
      `The folders ${circle.join(', ')} of ${root}/src import each other: expected floors, without a circle.`,
    );
}
for (const problem of problems) console.error(`[boundaries] ${problem}`);
if (problems.length === 0)
  console.error(
    `[boundaries] ${packages.length} packages keep their floors, and no files or folders import each other in a circle.`,
  );
process.exit(problems.length === 0 ? 0 : 1);

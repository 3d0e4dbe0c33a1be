// The floors (docs/architecture.md): a package may import only packages of lower floors. Reads the project graph of nx
// (tools/nx/scripts.mjs). Development dependencies may point anywhere, but only tests may use them. Tests of packages
// import nothing from tools/. No files may import each other in a circle.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { circlesOf } from './structure/circles.mjs';

/** @type {Readonly<Record<string, number>>} */
const FLOORS = {
  '@impflow/core': 0,
  '@impflow/solvers': 1,
  '@impflow/lipschitz': 1,
  '@impflow/logdet': 1,
  '@impflow/backend-wasm': 1,
  '@impflow/backend-cpu': 1,
  '@impflow/backend-webgl': 1,
  '@impflow/backend-webgpu': 1,
  '@impflow/backend-cuda': 1,
  '@impflow/flows': 2,
  '@impflow/training': 3,
  '@impflow/vision': 3,
  '@impflow/doctor': 3,
  '@impflow/pytorch': 3,
  '@impflow/queue': 1,
  '@impflow/mpi': 4,
  '@impflow/tables': 4,
  '@impflow/trainer': 4,
  '@impflow/demo': 4,
  '@impflow/docs': 4,
};
/**
 * Whole folders: a plugin may depend on every package, and only examples may depend on a plugin.
 *
 * @type {Readonly<Record<string, number>>}
 */
const FLOOR_OF_FOLDER = { plugins: 3.5, examples: 5 };
/**
 * Floors of the folders in a project's sources: a file may import files of its own floor and of lower ones.
 *
 * @type {Readonly<Record<string, Readonly<Record<string, number>>>>}
 */
const FLOORS_WITHIN = {
  'apps/trainer': {
    cli: 4,
    commands: 3,
    sweep: 2.7,
    tasks: 2.5,
    serve: 2.5,
    kinds: 2,
    backends: 1,
    checkpoint: 1,
    dataset: 1,
    measure: 1,
    model: 1,
    plots: 1,
    plugins: 1,
    'run-folder': 1,
    settings: 1,
    terminal: 0,
  },
};
/** Development only: may depend on anything below the applications, and no package may depend on it at run time. */
const DEVELOPMENT = new Set(['@impflow/testkit']);
/**
 * Only applications and examples choose a backend.
 *
 * @param {string} name
 */
const isBackend = (name) => name.startsWith('@impflow/backend-');

/** Comment lines, in which examples may import anything. */
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
/**
 * The packages of this workspace that the sources of a project import.
 *
 * @param {string} root
 */
const importedBy = (root) =>
  new Set(
    filesOf(root, 'src').flatMap((file) =>
      [
        ...readFileSync(file, 'utf8')
          .replace(COMMENT, '')
          .matchAll(/(?:from|import)\s*\(?\s*'(@impflow\/[\w-]+)'/g),
      ].map((match) => match[1]),
    ),
  );
/**
 * What nx says about the projects, as far as it is read here.
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
 * Whether a package stands below a floor; false if either has none.
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
  if (DEVELOPMENT.has(name)) continue;
  const { dependencies = {}, peerDependencies = {} } = JSON.parse(
    readFileSync(join(node.data.root, 'package.json'), 'utf8'),
  );
  for (const target of importedBy(node.data.root)) {
    if (!(target in dependencies) && !(target in peerDependencies))
      problems.push(
        `${name} imports ${target} in its sources: expected a dependency, got one for development or none.`,
      );
  }
  for (const { target } of graph.dependencies[name] ?? []) {
    if (!(target in dependencies) && !(target in peerDependencies)) continue;
    if (DEVELOPMENT.has(target)) problems.push(`${name} depends on ${target}, which is for development.`);
    else if (!isBelow(target, floorOf(name)))
      problems.push(
        `${name} (floor ${floorOf(name)}) depends on ${target} (floor ${floorOf(target)}): expected a lower floor.`,
      );
    if (isBackend(target) && isBelow(name, 4))
      problems.push(`${name} depends on ${target}: only applications and examples choose a backend.`);
  }
}
for (const [, node] of packages.filter(([, { data }]) => !data.root.startsWith('apps/'))) {
  for (const file of filesOf(node.data.root, 'test')) {
    const [, path] = /(?:from|import)\s*\(?\s*'((?:\.\.\/)+tools\/[^']*)'/.exec(readFileSync(file, 'utf8')) ?? [];
    if (path !== undefined)
      problems.push(`${file} imports ${path}: expected a package, or packages/testkit/private. Move it there.`);
  }
}
const sources = packages.flatMap(([, node]) => filesOf(node.data.root, 'src'));
for (const circle of circlesOf(sources.map((file) => [file, readFileSync(file, 'utf8')]))) {
  problems.push(`${circle.join(', ')} import each other: move what they share to a file of its own.`);
}
for (const [root, floors] of Object.entries(FLOORS_WITHIN)) {
  for (const file of sources.filter((source) => source.startsWith(`${root}/src/`))) {
    const from = posix.relative(`${root}/src`, file).split('/')[0];
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g)) {
      const to = posix.relative(`${root}/src`, posix.join(posix.dirname(file), path)).split('/')[0];
      if ((floors[to] ?? 0) > (floors[from] ?? Infinity))
        problems.push(`${file} imports ${path}: ${to} is above ${from}.`);
    }
  }
}
for (const problem of problems) console.error(`[boundaries] ${problem}`);
if (problems.length === 0)
  console.error(
    `[boundaries] ${packages.length} packages keep their floors, and no files import each other in a circle.`,
  );
process.exit(problems.length === 0 ? 0 : 1);

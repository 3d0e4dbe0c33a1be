// Infers the tasks and edges of nx from the layout of the workspace: every package compiles with `tsc -b` and is tested
// by vitest. The tasks are plain commands, because a machine with npm only has no `pnpm` on its PATH. `npm test` runs
// the targets `test`, `check` and `smoke` (tools/test.mjs); nx replays a task whose inputs have not changed.
//
// A package is two projects: its sources with their dependencies, and its tests with the development dependencies.
// No project depends on tests, so the dependencies of a test do not affect other packages. If sources and tests were
// one project, a change to any package would affect all packages through the testkit.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * @import { CreateDependencies, CreateNodes, DependencyType, ProjectConfiguration } from '@nx/devkit'
 * @import { RawProjectGraphDependency, TargetConfiguration } from '@nx/devkit'
 * @typedef {NonNullable<TargetConfiguration['inputs']>[number]} Input
 */

export const name = 'impflow-scripts';

const MANIFESTS = '{packages,plugins,apps,examples}/*/package.json';
/**
 * Inputs of every test in addition to the files of its package: versions, compiler options, the test runner.
 *
 * @type {readonly Input[]}
 */
const RUNNER = [
  '{workspaceRoot}/pnpm-lock.yaml',
  '{workspaceRoot}/tsconfig.base.json',
  '{workspaceRoot}/vitest.config.ts',
  '{workspaceRoot}/tools/*.mjs',
  '{workspaceRoot}/packages/testkit/private/*.mjs',
  { runtime: 'node --version' },
];
/** Three tests in Chromium: the built playground, a page with the wasm backend, and a solve on WebGPU. */
const SMOKE = [
  'apps/demo/test/browser/load.test.ts',
  'packages/backend-wasm/test/browser/page.test.ts',
  'packages/solvers/test/in-browser/settle.test.ts',
];
/** @param {string} project */
const testsOf = (project) => `${project}:tests`;
/**
 * @param {string} workspaceRoot
 * @param {string} root
 */
const manifestAt = (workspaceRoot, root) => JSON.parse(readFileSync(join(workspaceRoot, root, 'package.json'), 'utf8'));
/** @param {string} line */
const command = (line) => ({ executor: 'nx:run-commands', options: { command: line, cwd: '.' } });
/**
 * @param {string} line
 * @param {readonly Input[]} inputs
 */
const cached = (line, inputs) => ({ ...command(line), cache: true, inputs: [...inputs, ...RUNNER], outputs: [] });
/**
 * Returns whether a package has tests that need only Node: see the projects in vitest.config.ts.
 *
 * @param {string} folder
 */
const hasUnitTests = (folder) =>
  existsSync(folder) &&
  readdirSync(folder, { recursive: true })
    .map(String)
    .some(
      (path) =>
        path.endsWith('.test.ts') &&
        !/(^|[\\/])(slow|cli|services|long|browser|in-browser|no-graphics|tensorflow|dawn)[\\/]/.test(path),
    );

/** @type {CreateNodes} */
export const createNodesV2 = [
  MANIFESTS,
  (files, _options, { workspaceRoot }) =>
    files.map((file, i) => {
      const root = dirname(file);
      const { name: project } = manifestAt(workspaceRoot, root);
      const tags = [`layer:${basename(dirname(root))}`];
      const sources = {
        build: {
          ...command(`node node_modules/typescript/bin/tsc -b ${root}`),
          outputs: ['{projectRoot}/dist'],
          inputs: [
            '{projectRoot}/src/**',
            '^{projectRoot}/src/**',
            '{projectRoot}/tsconfig.json',
            '{workspaceRoot}/tsconfig.base.json',
          ],
        },
      };
      const compiles = existsSync(join(workspaceRoot, root, 'tsconfig.json')) && !root.startsWith('apps/d');
      const unit = root !== 'apps/docs' && hasUnitTests(join(workspaceRoot, root, 'test'));
      const test = cached(`node tools/vitest.mjs --project unit --project alone --project parity ${root}/`, [
        'default',
        '^default',
      ]);
      /** @type {ProjectConfiguration} */
      const tests = {
        root: `${root}/test`,
        name: testsOf(project),
        projectType: 'library',
        tags: [...tags, 'tests'],
        targets: unit ? { test } : {},
      };
      return [
        file,
        {
          projects: {
            [root]: { root, tags, targets: compiles ? sources : {} },
            ...(existsSync(join(workspaceRoot, root, 'test')) ? { [tests.root]: tests } : {}),
            ...(i === 0 ? { tools: workspace() } : {}),
          },
        },
      ];
    }),
];

/**
 * Returns the project with the checks and tests of the whole workspace.
 *
 * @returns {ProjectConfiguration}
 */
const workspace = () => ({
  root: 'tools',
  name: 'tools',
  projectType: 'library',
  tags: ['layer:tools'],
  targets: {
    check: cached('node tools/check.mjs', [
      '{workspaceRoot}/{packages,plugins,apps,examples,tools}/**/*',
      '{workspaceRoot}/*.{json,ts}',
      '{workspaceRoot}/.oxlintrc.json',
    ]),
    smoke: cached(`node tools/vitest.mjs --passWithNoTests ${SMOKE.join(' ')}`, [
      '{workspaceRoot}/{packages,apps}/**/*',
      { env: 'IMPFLOW_BROWSER' },
      { env: 'CHROME_PATH' },
    ]),
  },
});

/** @type {CreateDependencies} */
export const createDependencies = (_options, { projects, workspaceRoot }) => {
  /**
   * @param {string} source
   * @param {string} target
   * @returns {RawProjectGraphDependency}
   */
  const edge = (source, target) => ({ source, target, type: /** @type {DependencyType.implicit} */ ('implicit') });
  return Object.entries(projects).flatMap(([project, { root }]) => {
    if (!existsSync(join(workspaceRoot, root, 'package.json'))) return [];
    const { dependencies = {}, peerDependencies = {}, devDependencies = {} } = manifestAt(workspaceRoot, root);
    /** @param {Readonly<Record<string, string>>} names */
    const known = (names) => Object.keys(names).filter((target) => target in projects);
    const tests = testsOf(project);
    return [
      ...known({ ...dependencies, ...peerDependencies }).map((target) => edge(project, target)),
      ...(tests in projects ? [project, ...known(devDependencies)].map((target) => edge(tests, target)) : []),
    ];
  });
};

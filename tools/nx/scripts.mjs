// Tasks and edges of nx, inferred from the layout: every package compiles with `tsc -b` and is tested by vitest. Plain
// commands, because a machine with npm only has no `pnpm` on its PATH.
//
// A package is two projects: its sources with their dependencies, and its tests with the development dependencies.
// Nothing depends on tests, so the dependencies of a test affect no other package. With one project for both, a change
// to any package would affect all of them through the testkit.
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export const name = 'impflow-scripts';

const MANIFESTS = '{packages,plugins,apps,examples}/*/package.json';
const testsOf = (project) => `${project}:tests`;
const manifestAt = (workspaceRoot, root) => JSON.parse(readFileSync(join(workspaceRoot, root, 'package.json'), 'utf8'));
const command = (line) => ({ executor: 'nx:run-commands', options: { command: line, cwd: '.' } });

export const createNodesV2 = [MANIFESTS, (files, _options, { workspaceRoot }) => files.map((file) => {
  const root = dirname(file);
  const { name: project } = manifestAt(workspaceRoot, root);
  const tags = [`layer:${basename(dirname(root))}`];
  const sources = { build: { ...command(`node node_modules/typescript/bin/tsc -b ${root}`), outputs: ['{projectRoot}/dist'], inputs: ['{projectRoot}/src/**', '^{projectRoot}/src/**', '{projectRoot}/tsconfig.json', '{workspaceRoot}/tsconfig.base.json'] } };
  const compiles = existsSync(join(workspaceRoot, root, 'tsconfig.json')) && !root.startsWith('apps/d');
  const tests = { root: `${root}/test`, name: testsOf(project), projectType: 'library', tags: [...tags, 'tests'], targets: { test: command(`node tools/vitest.mjs ${root}/`) } };
  return [file, { projects: {
    [root]: { root, tags, targets: compiles ? sources : {} },
    ...(existsSync(join(workspaceRoot, root, 'test')) ? { [tests.root]: tests } : {}),
  } }];
})];

export const createDependencies = (_options, { projects, workspaceRoot }) => {
  const edge = (source, target) => ({ source, target, type: 'implicit' });
  return Object.entries(projects).flatMap(([project, { root }]) => {
    if (!existsSync(join(workspaceRoot, root, 'package.json'))) return [];
    const { dependencies = {}, peerDependencies = {}, devDependencies = {} } = manifestAt(workspaceRoot, root);
    const known = (names) => Object.keys(names).filter((target) => target in projects);
    const tests = testsOf(project);
    return [
      ...known({ ...dependencies, ...peerDependencies }).map((target) => edge(project, target)),
      ...(tests in projects ? [project, ...known(devDependencies)].map((target) => edge(tests, target)) : []),
    ];
  });
};

// Compares the projects that nx reports as affected by a change with the projects computed here from the manifests.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

interface Manifest {
  readonly name: string;
  readonly dependencies?: object;
  readonly peerDependencies?: object;
  readonly devDependencies?: object;
}

const folders = ['packages', 'plugins', 'apps', 'examples']
  .flatMap((layer) => readdirSync(`${root}/${layer}`).map((name) => `${layer}/${name}`))
  .filter((folder) => folder !== 'examples/external-solver' && existsSync(`${root}/${folder}/package.json`));
const manifests = folders.map((folder) => ({
  folder,
  ...(JSON.parse(readFileSync(`${root}/${folder}/package.json`, 'utf8')) as Manifest),
}));

/**
 * Returns the packages whose code may run the code of a package: the package itself, and its direct and indirect
 * dependents.
 */
const reachedFrom = (name: string): ReadonlySet<string> => {
  const reached = new Set([name]);
  for (let before = 0; before < reached.size;) {
    before = reached.size;
    for (const { name: other, dependencies, peerDependencies } of manifests) {
      if (Object.keys({ ...dependencies, ...peerDependencies }).some((target) => reached.has(target)))
        reached.add(other);
    }
  }
  return reached;
};

/**
 * Returns the projects that a change to a package should affect: the packages whose code may run the code of this
 * package, their tests, the tests of packages that use one of these packages for development, and the checks of the
 * workspace.
 */
const expected = (name: string): readonly string[] => {
  const reached = reachedFrom(name);
  const tests = manifests.filter(
    ({ folder, name: own, devDependencies = {} }) =>
      existsSync(`${root}/${folder}/test`) &&
      (reached.has(own) || Object.keys(devDependencies).some((target) => reached.has(target))),
  );
  return [...reached, ...tests.map(({ name: own }) => `${own}:tests`), 'tools'].toSorted();
};

const affected = (file: string): readonly string[] => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['node_modules/nx/dist/bin/nx.js', 'show', 'projects', '--affected', `--files=${file}`, '--json'],
    { cwd: root, encoding: 'utf8', env: { ...process.env, NX_DAEMON: 'false', CI: 'true' } },
  );
  if (status !== 0) throw new Error(stderr);
  return (JSON.parse(stdout) as string[]).toSorted();
};

it.each([
  'packages/pytorch',
  'packages/logdet',
  'packages/backend-webgl',
  'packages/flows',
  'plugins/adjoint-gmres',
  'apps/trainer',
])('a change to the sources of %s affects the projects that can run them', (folder) => {
  const { name } = manifests.find((one) => one.folder === folder)!;
  expect(affected(`${folder}/src/index.ts`)).toEqual(expected(name));
});

it('a change to tests affects only these tests and the checks of the workspace; a change to a page affects no project', () => {
  expect(affected('packages/logdet/test/laws.test.ts')).toEqual(['@impflow/logdet:tests', 'tools']);
  expect(affected('docs/images.md')).toEqual([]);
});

it('a change to a plugin affects the plugin, the checks and the documentation; a change to solvers does not affect plots', () => {
  expect(expected('@impflow/adjoint-gmres')).toEqual([
    '@impflow/adjoint-gmres',
    '@impflow/adjoint-gmres:tests',
    '@impflow/docs:tests',
    'tools',
  ]);
  expect(expected('@impflow/solvers')).not.toContain('@impflow/plots');
});

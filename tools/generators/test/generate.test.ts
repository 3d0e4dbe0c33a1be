import { existsSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fill, filledFunction } from './fill.ts';
import { copyOfWorkspace, type Ran, type Workspace } from './workspace.ts';

/**
 * The generated packages, one of each kind, which the tests complete with a small real method. The packages are
 * installed together, after the last one is generated.
 */
const KINDS = [
  { kind: 'solver', name: 'zz-secant', folder: 'solver-zz-secant', fills: 'advance' },
  { kind: 'adjoint', name: 'zz-secant', folder: 'adjoint-zz-secant', fills: 'advance' },
  { kind: 'estimator', name: 'zz-roulette', folder: 'logdet-zz-roulette', fills: 'estimate' },
  { kind: 'activation', name: 'zz-arctan', folder: 'activation-zz-arctan', fills: 'derivatives' },
  { kind: 'bijector', name: 'zz-householder', folder: 'bijector-zz-householder', fills: 'directions' },
  { kind: 'base', name: 'zz-logistic', folder: 'base-zz-logistic', fills: 'density' },
  { kind: 'backend', name: 'zz-plain', folder: 'backend-zz-plain', fills: 'load' },
  { kind: 'data', name: 'zz-halton', folder: 'data-zz-halton', fills: 'definition' },
] as const;
const folders = KINDS.map(({ folder }) => `plugins/${folder}`);

let workspace: Workspace;
const create = (...args: readonly string[]): Ran => workspace.node('tools/generators/new.mjs', ...args);
const read = (path: string): string => readFileSync(join(workspace.root, path), 'utf8');
const write = (path: string, text: string): void => {
  writeFileSync(join(workspace.root, path), text);
};
const change = (path: string, from: string, to: string): void => {
  const text = read(path);
  expect(text).toContain(from);
  write(path, text.replace(from, to));
};
/** Returns contents of files, and names in folders, that a generator could change. */
const touched = (): readonly unknown[] => [
  ...['tsconfig.json', 'pnpm-lock.yaml', 'package.json'].map(read),
  ...['plugins', '.changeset'].map((folder) => readdirSync(join(workspace.root, folder))),
];

beforeAll(() => {
  workspace = copyOfWorkspace();
});
afterAll(() => {
  workspace.remove();
});

describe('`npm run new` refuses a wrong call with a message, and writes nothing', () => {
  it.each([
    ['a name that is not kebab-case', ['solver', 'Chebyshev'], '[new:solver] Wrong name: expected lower-case words'],
    ['a path', ['solver', '../escaped'], '[new:solver] Wrong name: expected lower-case words'],
    ['a name that is taken', ['solver', 'anderson'], '[new:solver] The name is taken: expected none of'],
    [
      'a name that is taken in another spelling',
      ['activation', 'lip-swish'],
      '[new:activation] The name is taken: expected none of',
    ],
    ['a name that a data set has', ['data', 'moons'], '[new:data] The name is taken: expected none of'],
    ['a folder that exists', ['solver', 'df-sane'], 'The folder plugins/solver-df-sane exists: expected a new one'],
    ['a word of the language', ['estimator', 'delete'], '[new:estimator] The name means something else in the source'],
    ['a word of the template', ['solver', 'advance'], '[new:solver] The name means something else in the source'],
    [
      'a name that is too long',
      ['solver', 'a'.repeat(41)],
      '[new:solver] The name is too long: expected at most 40 characters',
    ],
    ['an unknown kind', ['sover', 'chebyshev'], '[new] Unknown kind of plugin: expected one of solver, adjoint'],
    ['no kind', [], '[new] Unknown kind of plugin: expected one of solver, adjoint'],
    ['no name', ['solver'], '[new] Wrong number of names: expected one, got none'],
    ['two names', ['solver', 'one', 'two'], '[new] Wrong number of names: expected one, got "one" "two"'],
    [
      'an unknown option',
      ['solver', 'one', '--dryrun'],
      '[new] Unknown option: expected --dry-run or --no-install, got --dryrun',
    ],
  ] as const)('%s', (_what, args, message) => {
    const before = touched();
    const { status, output } = create(...args);
    expect(output).toContain(message);
    expect(status).toBe(1);
    expect(touched()).toEqual(before);
  });

  it('`--dry-run` prints the files that `npm run new` would write, and writes nothing', () => {
    const before = touched();
    const { status, output } = create('solver', 'zz-secant', '--dry-run');
    expect(status).toBe(0);
    for (const file of [
      'package.json',
      'tsconfig.json',
      'README.md',
      'src/index.ts',
      'src/zz-secant.ts',
      'test/laws.test.ts',
      'bench/bench.mjs',
    ])
      expect(output).toContain(`CREATE plugins/solver-zz-secant/${file}`);
    expect(output).toContain('UPDATE tsconfig.json');
    expect(touched()).toEqual(before);
  });
});

describe('a package of each kind', () => {
  it('`npm run new` generates a package of each kind, and prints what to do next', () => {
    for (const [i, { kind, name, fills }] of KINDS.entries()) {
      const last = i === KINDS.length - 1;
      const { status, output } = create(kind, name, ...(last ? [] : ['--no-install']));
      expect(status, output).toBe(0);
      expect(output).toContain(`1. Write ${fills} in ${folders[i]}/src/${name}.ts`);
      // The test completes the package of the backend as its author would: the backend is the CPU backend of
      // TensorFlow.js under another name. A few training steps are enough, because other tests check backends
      // thoroughly.
      if (kind !== 'backend') continue;
      change(
        `${folders[i]}/package.json`,
        '"dependencies": {',
        '"dependencies": {\n    "@tensorflow/tfjs-backend-cpu": "4.22.0",',
      );
      change(`${folders[i]}/test/laws.test.ts`, 'reference: cpu', 'reference: cpu, steps: 16');
    }
    expect(
      (JSON.parse(read('tsconfig.json')) as { references: { path: string }[] }).references.map(({ path }) => path),
    ).toEqual(expect.arrayContaining(folders));
    for (const { folder } of KINDS) {
      expect(read(`.changeset/${folder}.md`)).toContain(`"@impflow/${folder}": minor`);
      expect(read('pnpm-lock.yaml')).toContain(`\n  plugins/${folder}:\n`);
      expect(existsSync(join(workspace.root, `plugins/${folder}/node_modules/@impflow/testkit/package.json`))).toBe(
        true,
      );
    }
  });

  it('a new package has no lint or type errors, and the message of its failing tests describes what to write', () => {
    expect(complaints()).toEqual([]);
    const { status, output } = laws();
    expect(status).toBe(1);
    for (const [i, { fills, name }] of KINDS.entries())
      expect(output).toContain(`Write ${fills} in ${folders[i]}/src/${name}.ts: `);
  });

  it('a package passes its tests after its function is written, and has no lint or type errors', () => {
    for (const [i, { kind, name, fills }] of KINDS.entries()) {
      const path = `${folders[i]}/src/${name}.ts`;
      write(path, fill(read(path), fills, filledFunction(kind)));
    }
    const { status, output } = laws();
    expect(output).toMatch(/\d{3,} passed, 0 failed/);
    expect(status, output).toBe(0);
    expect(complaints()).toEqual([]);
  });

  it('the benchmark of a new package runs and prints a table of numbers', () => {
    for (const folder of folders) {
      const { status, output } = workspace.node(`${folder}/bench/bench.mjs`, '--quick');
      expect(status, output).toBe(0);
      expect(output).toMatch(/cores, \d+ GiB[^]*node \d[^]*\n\| --- /);
      // Every cell contains a number.
      expect(output).not.toMatch(/undefined|NaN|\| {2}\||since it was compiled/);
    }
  });

  it('the benchmark and the command line print a warning if a plugin has changed since it was compiled', () => {
    const [folder] = folders;
    const path = join(workspace.root, `${folder}/src/index.ts`);
    const { atime, mtime } = statSync(path);
    utimesSync(path, atime, new Date(Date.now() + 60_000));
    const said = 'has changed since it was compiled';
    expect(workspace.node(`${folder}/bench/bench.mjs`, '--quick').output).toContain(
      `${folder} ${said}: these numbers are of the old build. Compile it: npx tsc -b ${folder}`,
    );
    expect(workspace.node('apps/trainer/bin/impflow.mjs', 'data', 'list', '--plugin', `./${folder}`).output).toContain(
      `The plugin "./${folder}" ${said}. Compile it: npx tsc -b ${folder}`,
    );
    utimesSync(path, atime, mtime);
  });

  it('`impflow train` uses the new plugins by their names', () => {
    const { status, output } = workspace.node(
      'apps/trainer/bin/impflow.mjs',
      'train',
      '--data',
      'zz-halton',
      '--blocks',
      '1',
      '--hidden',
      '8',
      '--batch',
      '50',
      '--steps',
      '2',
      '--out',
      'runs/zz',
      ...folders.flatMap((folder) => ['--plugin', `./${folder}/dist/index.js`]),
      '--solver',
      'zz-secant',
      '--adjoint',
      'zz-secant',
      '--logdet',
      'zz-roulette',
      '--activation',
      'zz-arctan',
      '--base',
      'zz-logistic',
      '--backend',
      'zz-plain',
      '--workers',
      '1',
    );
    expect(status, output).toBe(0);
  });
});

/** Runs the tests of all generated packages. */
const laws = (): Ran => workspace.node('tools/vitest.mjs', '--project', 'unit', ...folders);

/**
 * Configuration that checks the types of the tests of these packages. `npm test` checks the types of all other tests.
 */
const TESTS = 'tsconfig.zz.json';

/** Returns the lint and type errors in the sources and tests of the packages. */
const complaints = (): readonly string[] => {
  const include = folders.map((folder) => `${folder}/test`);
  write(TESTS, JSON.stringify({ extends: './tsconfig.tests.json', include }));
  return [
    workspace.node('node_modules/oxlint/bin/oxlint', '--quiet', ...folders),
    workspace.node('node_modules/typescript/bin/tsc', '-b', ...folders),
    workspace.node('node_modules/typescript/bin/tsc', '-p', TESTS),
  ].flatMap(({ status, output }) => (status === 0 ? [] : [output]));
};

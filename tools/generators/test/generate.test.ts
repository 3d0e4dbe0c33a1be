import { existsSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fill, filledFunction } from './fill.ts';
import { copyOfWorkspace, type Ran, type Workspace } from './workspace.ts';

/** One package of each kind, completed with a small real method. Installing the last one installs all. */
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
/** Names and contents of the files that a generator could change. */
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

describe('refuses with a message, and writes nothing', () => {
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

  it('shows what it would write', () => {
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
  it('is generated, and says what to do', () => {
    for (const [i, { kind, name, fills }] of KINDS.entries()) {
      const last = i === KINDS.length - 1;
      const { status, output } = create(kind, name, ...(last ? [] : ['--no-install']));
      expect(status, output).toBe(0);
      expect(output).toContain(`1. Write ${fills} in ${folders[i]}/src/${name}.ts`);
      // Completes the package as an author would: the backend is the CPU backend of TensorFlow.js under another name. A
      // few training steps are enough, because other tests check the laws of a backend.
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

  it('has no lint or type errors, and fails its laws with a message that says what to write', () => {
    expect(complaints()).toEqual([]);
    const { status, output } = laws();
    expect(status).toBe(1);
    for (const [i, { fills, name }] of KINDS.entries())
      expect(output).toContain(`Write ${fills} in ${folders[i]}/src/${name}.ts: `);
  });

  it('satisfies its laws once the function is written, without lint or type errors', () => {
    for (const [i, { kind, name, fills }] of KINDS.entries()) {
      const path = `${folders[i]}/src/${name}.ts`;
      write(path, fill(read(path), fills, filledFunction(kind)));
    }
    const { status, output } = laws();
    expect(output).toMatch(/\d{3,} passed, 0 failed/);
    expect(status, output).toBe(0);
    expect(complaints()).toEqual([]);
  });

  it('has a benchmark against its rival', () => {
    for (const folder of folders) {
      const { status, output } = workspace.node(`${folder}/bench/bench.mjs`, '--quick');
      expect(status, output).toBe(0);
      expect(output).toMatch(/cores, \d+ GiB[^]*node \d[^]*\n\| --- /);
      // Every cell contains a number.
      expect(output).not.toMatch(/undefined|NaN|\| {2}\||since it was compiled/);
    }
  });

  it('says where it has changed since it was compiled', () => {
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

  it('is used by name', () => {
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

/** The laws of all packages, in one run. */
const laws = (): Ran => workspace.node('tools/vitest.mjs', '--project', 'unit', ...folders);

/** The types of the packages' tests. The other tests of the workspace are checked by `npm test`. */
const TESTS = 'tsconfig.zz.json';

/** Errors of lint and types for the packages: sources and tests. */
const complaints = (): readonly string[] => {
  const include = folders.map((folder) => `${folder}/test`);
  write(TESTS, JSON.stringify({ extends: './tsconfig.tests.json', include }));
  return [
    workspace.node('node_modules/oxlint/bin/oxlint', '--quiet', ...folders),
    workspace.node('node_modules/typescript/bin/tsc', '-b', ...folders),
    workspace.node('node_modules/typescript/bin/tsc', '-p', TESTS),
  ].flatMap(({ status, output }) => (status === 0 ? [] : [output]));
};

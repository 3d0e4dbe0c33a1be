import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Result of a program that runs in a user's project. The program prints the result as one line of JSON. */
export interface Answer {
  readonly [name: string]: unknown;
  readonly error?: { readonly code: string; readonly at: string; readonly message: string };
}

export interface Project {
  readonly folder: string;
  /** Puts a file or folder of this machine at a path of the project, as a link or a copy. */
  add(path: string, from: string, how?: 'link' | 'copy'): void;
  /**
   * Runs the body of a module, which must call `report` with the result of the module. If the body throws, the result
   * has the `error`.
   */
  run(body: string, environment?: Readonly<Record<string, string>>): Answer & { readonly stderr: string };
}

/**
 * Makes a user's project: a folder outside the workspace with the compiled packages, installed as a user installs them,
 * without tfjs-node. The folder is removed after all tests.
 */
export const project = (): Project => {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-b', 'packages/backend-cuda'], {
    cwd: root,
    stdio: 'inherit',
  });
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'impflow-cuda-')));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const add: Project['add'] = (path, from, how = 'link') => {
    const to = join(folder, path);
    mkdirSync(dirname(to), { recursive: true });
    if (how === 'link') symlinkSync(from, to);
    else cpSync(from, to, { recursive: true });
  };
  for (const name of ['core', 'backend-cuda']) {
    for (const part of ['package.json', 'dist', 'generated']) {
      const from = join(root, 'packages', name, part);
      if (existsSync(from)) add(`node_modules/@impflow/${name}/${part}`, from, 'copy');
    }
  }
  add(
    'node_modules/@tensorflow/tfjs-core',
    realpathSync(join(root, 'packages/core/node_modules/@tensorflow/tfjs-core')),
  );
  const run: Project['run'] = (body, environment = {}) => {
    const program = `
      const answer = {};
      const report = (more) => Object.assign(answer, more);
      try { ${body} } catch ({ code, at, message }) { report({ error: { code, at, message } }); }
      console.log(JSON.stringify(answer));`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, ...environment },
    });
    const line = stdout.trim().split('\n').at(-1)!;
    if (!line.startsWith('{')) throw new Error(`The program ended without an answer:\n${stdout}\n${stderr}`);
    return { ...(JSON.parse(line) as Answer), stderr };
  };
  return { folder, add, run };
};

/** Code that imports the adapter of the CPU build from its file, because the package does not export this adapter. */
export const IMPORT_CPU_BUILD =
  "const { cpuBuild } = await import('./node_modules/@impflow/backend-cuda/dist/tensorflow.js');";

/**
 * Returns the body of a module that starts an adapter. `call` is the code that makes the adapter with `cuda` or
 * `cpuBuild`.
 */
export const starting = (call: string): string => `
  const { cuda } = await import('@impflow/backend-cuda');
  ${IMPORT_CPU_BUILD}
  const adapter = ${call};
  report({ available: await adapter.isAvailable() });
  const { name, capabilities } = await adapter.start();
  report({ name, capabilities });`;

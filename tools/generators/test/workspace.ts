import { spawnSync } from 'node:child_process';
import { cpSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const original = fileURLToPath(new URL('../../..', import.meta.url));

export interface Ran {
  readonly status: number | null;
  /** Standard output and standard error together. */
  readonly output: string;
}

export interface Workspace {
  readonly root: string;
  /** Runs a script with Node in the root folder. */
  node(...args: readonly string[]): Ran;
  remove(): void;
}

/**
 * Copies this workspace, including compiled packages, so that plugins can be generated in the copy. The original is
 * only read. Files of installed packages are linked, because they are never written; the records of the package manager
 * are copied.
 */
export const copyOfWorkspace = (): Workspace => {
  const root = join(mkdtempSync(join(tmpdir(), 'generated-plugins-')), 'workspace');
  copy(original, root);
  return {
    root,
    node: (...args) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, args, {
        cwd: root,
        encoding: 'utf8',
        maxBuffer: 1 << 26,
        env: { ...process.env, FORCE_COLOR: '0' },
      });
      return { status, output: stdout + stderr };
    },
    remove: () => {
      rmSync(dirname(root), { recursive: true, force: true });
    },
  };
};

/**
 * Folders that are not copied: history, caches, results of runs, and files that other tests may build at the same time.
 */
const LEFT_OUT = new Set([
  '.git',
  '.cache',
  '.nx',
  '.vite',
  '.vite-temp',
  '.vitest',
  'runs',
  'coverage',
  'artifacts',
  '.examples',
  'apps/docs/dist',
  'apps/demo/dist',
]);

const copy = (from: string, to: string, installed = false): void => {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (!installed && (LEFT_OUT.has(entry.name) || LEFT_OUT.has(relative(original, source)))) continue;
    if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else if (entry.isDirectory()) copy(source, target, installed || basename(from) === '.pnpm');
    else if (installed) linkSync(source, target);
    else if (entry.isFile()) cpSync(source, target, { preserveTimestamps: true });
  }
};

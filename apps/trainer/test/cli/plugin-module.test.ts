import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporary, within, type Outcome } from './harness.ts';

const folder = temporary();
const list = (plugin: string, ...more: readonly string[]): Promise<Outcome> =>
  within('data', 'list', '--plugin', plugin, ...more);
const refused = async (plugin: string): Promise<string> => {
  const { code, stderr } = await list(plugin);
  expect([code, stderr.trimEnd().split('\n').length]).toEqual([2, 1]);
  return stderr.trimEnd();
};
const MODULE = 'export const impflow = {};\n';

/**
 * Writes a package with sources and compiled files. The compiled files are newer than the sources by the given number
 * of seconds.
 */
const packageOf = (
  name: string,
  { manifest = {}, compiled }: { readonly manifest?: object; readonly compiled?: number } = {},
): string => {
  const path = join(folder, name);
  for (const [inside, text] of Object.entries({
    'package.json': JSON.stringify({
      name,
      type: 'module',
      exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
      ...manifest,
    }),
    'src/index.ts': MODULE,
    ...(compiled === undefined ? {} : { 'dist/index.js': MODULE }),
  })) {
    mkdirSync(join(path, inside, '..'), { recursive: true });
    writeFileSync(join(path, inside), text);
    utimesSync(join(path, inside), 1e9, inside.startsWith('dist') ? 1e9 + compiled! : 1e9);
  }
  return path;
};

describe('the module of a plugin', () => {
  it('a plugin that is not compiled is refused, and the error names the command that compiles it', async () => {
    const path = packageOf('fresh');
    expect(await refused(path)).toBe(
      `[cli] The plugin "${path}" is not compiled: expected ${path}/dist/index.js, got no such file. Compile it: npx tsc -b ${path}`,
    );
    const built = packageOf('built', {
      manifest: { main: './lib/main.js', exports: undefined, scripts: { build: 'tsup' } },
    });
    expect(await refused(built)).toContain(
      `expected ${built}/lib/main.js, got no such file. Compile it: npm run build --prefix ${built}`,
    );
  });

  it('a plugin that is older than its sources is loaded with a warning', async () => {
    const path = packageOf('stale', { compiled: -5 });
    const said = `The plugin "${path}" has changed since it was compiled. Compile it: npx tsc -b ${path}\n`;
    expect(await list(path)).toMatchObject({ code: 0, stderr: said });
    expect(await list(join(path, 'dist/index.js'))).toMatchObject({
      code: 0,
      stderr: said.replace(path, join(path, 'dist/index.js')),
    });
    // A file in the folder of the sources does not count as a compiled file.
    writeFileSync(join(path, 'alone.mjs'), MODULE);
    expect(await list(join(path, 'alone.mjs'))).toMatchObject({ code: 0, stderr: '' });
    expect(await list(path, '--quiet')).toMatchObject({ code: 0, stderr: '' });
    expect(await list(packageOf('current', { compiled: 5 }))).toMatchObject({ code: 0, stderr: '' });
    expect(await list(packageOf('node_modules/installed', { compiled: -5 }))).toMatchObject({ code: 0, stderr: '' });
  });

  const typed = (): string => {
    const path = join(folder, 'typed.ts');
    writeFileSync(path, 'export const impflow: object = {};\n');
    return path;
  };
  const runs = Boolean((process.features as { readonly typescript?: unknown }).typescript);

  it.runIf(runs)('a plugin may be a TypeScript file', async () => {
    expect(await list(typed())).toMatchObject({ code: 0, stderr: '' });
  });

  it.skipIf(runs)(
    'a Node that cannot run TypeScript refuses a TypeScript plugin with advice (skipped on a newer Node)',
    async () => {
      const path = typed();
      expect(await refused(path)).toBe(
        `[cli] The plugin "${path}" is TypeScript, which this version of Node does not run: ` +
          `expected JavaScript, or Node 22.18 or newer, got Node ${process.versions.node}. ` +
          'Compile it and give the JavaScript file, such as dist/index.js, or use a newer Node.',
      );
    },
  );
});

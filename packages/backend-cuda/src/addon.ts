import { FlowError } from '@impflow/core';

/** A package of tfjs-node, as found from here. */
export interface Addon {
  readonly entry: string;
  /** Where its native library lies, or should. */
  readonly library: string;
  readonly built: boolean;
}

interface Manifest {
  readonly binary: { readonly module_name: string; readonly module_path: string; readonly napi_versions: readonly number[] };
}

/** Looks a package of tfjs-node up without loading it; `undefined` where it is not installed. */
export const findAddon = (name: string): Addon | undefined => {
  const { existsSync, readFileSync } = process.getBuiltinModule('node:fs');
  const { dirname, join } = process.getBuiltinModule('node:path');
  const { resolve } = fromHere();
  try {
    const manifest = resolve(`${name}/package.json`);
    const { binary } = JSON.parse(readFileSync(manifest, 'utf8')) as Manifest;
    // As node-pre-gyp has it: the newest version of Node-API that both sides know.
    const version = Math.max(...binary.napi_versions.filter((known) => known <= Number(process.versions.napi)));
    const library = join(dirname(manifest), binary.module_path.replace('{napi_build_version}', String(version)), `${binary.module_name}.node`);
    return { entry: resolve(name), library, built: existsSync(library) };
  } catch {
    return undefined;
  }
};

/** @throws `unsupported`, from `at`, where the package or its native library is missing. */
export const assertBuilt = (at: string, name: string): Addon => {
  const addon = findAddon(name);
  if (addon === undefined) {
    throw new FlowError('unsupported', at, 'A package is not installed', { expected: name, got: 'none', hint: `Run: npm install ${name}` });
  }
  if (!addon.built) {
    throw new FlowError('unsupported', at, `${name} is installed without its native library`, {
      expected: addon.library, got: 'no such file',
      hint: `Run: npm rebuild ${name} --build-addon-from-source. Where it cannot download TensorFlow, see tools/native in the repository of ImpFlow.`,
    });
  }
  return addon;
};

/**
 * Runs the package: it registers the backend `tensorflow` with tfjs, and makes it the current one. It is CommonJS, and no bundler should follow it.
 *
 * @throws `unsupported`, from `at`, where it does not load.
 */
export const loadAddon = (at: string, name: string, { entry }: Addon): void => {
  // TensorFlow reads this once. Without it, it tells on the error stream what its build can do; errors are still told.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  try {
    fromHere()(entry);
  } catch (cause) {
    throw new FlowError('unsupported', at, `The native library of ${name} does not load`, {
      got: cause instanceof Error ? cause.message.split('\n')[0]! : String(cause), cause, hint: `Run: npm rebuild ${name} --build-addon-from-source`,
    });
  }
};

const fromHere = (): NodeJS.Require => process.getBuiltinModule('node:module').createRequire(import.meta.url);

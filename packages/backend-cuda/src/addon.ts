import { FlowError } from '@impflow/core';

/** An installed package: `@tensorflow/tfjs-node` or `@tensorflow/tfjs-node-gpu`. */
interface Addon {
  /** Path of the main module of the package. */
  readonly entry: string;
  /** Path of the native library of the package. The file may be missing. */
  readonly library: string;
  /** Whether the file of the native library exists. */
  readonly built: boolean;
}

interface Manifest {
  readonly binary: {
    readonly module_name: string;
    readonly module_path: string;
    readonly napi_versions: readonly number[];
  };
}

/** Finds an installed package without loading it. Returns undefined if the package is not installed. */
export const findAddon = (name: string): Addon | undefined => {
  const { existsSync, readFileSync } = process.getBuiltinModule('node:fs');
  const { dirname, join } = process.getBuiltinModule('node:path');
  const { resolve } = fromHere();
  try {
    const manifest = resolve(`${name}/package.json`);
    const { binary } = JSON.parse(readFileSync(manifest, 'utf8')) as Manifest;
    // Newest version of Node-API that both Node and the package support. The installer node-pre-gyp chooses the same
    // version.
    const version = Math.max(...binary.napi_versions.filter((known) => known <= Number(process.versions.napi)));
    const library = join(
      dirname(manifest),
      binary.module_path.replace('{napi_build_version}', String(version)),
      `${binary.module_name}.node`,
    );
    return { entry: resolve(name), library, built: existsSync(library) };
  } catch {
    return undefined;
  }
};

/**
 * Finds an installed package and its native library.
 *
 * @throws `unsupported` if the package or the library is missing. The error names the function that failed, `at`.
 */
export const assertBuilt = (at: string, name: string): Addon => {
  const addon = findAddon(name);
  if (addon === undefined) {
    throw new FlowError('unsupported', at, 'A package is not installed', {
      expected: name,
      got: 'none',
      hint: `Run: npm install ${name}`,
    });
  }
  if (!addon.built) {
    throw new FlowError('unsupported', at, `${name} is installed without its native library`, {
      expected: addon.library,
      got: 'no such file',
      hint: `Run: npm rebuild ${name} --build-addon-from-source`,
    });
  }
  return addon;
};

/**
 * Loads the package tfjs-node or tfjs-node-gpu, which registers the backend `tensorflow` with tfjs and makes it
 * current. The package is CommonJS, and bundlers must not include it.
 *
 * @throws `unsupported` if the package does not load. The error names the function that failed, `at`.
 */
export const loadAddon = (at: string, name: string, { entry }: Addon): void => {
  // TensorFlow reads this environment variable once. With the value 2, TensorFlow prints only errors on standard error,
  // and no messages about its build.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  try {
    fromHere()(entry);
  } catch (cause) {
    throw new FlowError('unsupported', at, `The native library of ${name} does not load`, {
      got: cause instanceof Error ? cause.message.split('\n')[0]! : String(cause),
      cause,
      hint: `Run: npm rebuild ${name} --build-addon-from-source`,
    });
  }
};

const fromHere = (): NodeJS.Require => process.getBuiltinModule('node:module').createRequire(import.meta.url);

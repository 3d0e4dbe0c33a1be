import { problemOf, type GraphicsInNode } from '@impflow/core';

/** The exports of the package `webgpu` that this file uses. */
interface Dawn {
  readonly create: (options: readonly string[]) => Gpu;
  readonly globals: Readonly<Record<string, unknown>>;
}

interface Gpu {
  requestAdapter(): Promise<object | null>;
}

/**
 * The object `GPU` of Dawn, from which devices are requested. The object is made once and never freed, because Dawn
 * ends the process ("std::system_error") if this object is collected soon after one of its devices.
 */
let gpu: Gpu | undefined;
/** The globals of WebGPU that TensorFlow.js uses, besides `navigator`. */
const NAMES = ['GPUBuffer', 'GPUTexture', 'GPUBufferUsage', 'GPUMapMode', 'GPUTextureUsage'];

/** Function that restores the globals. Undefined while the globals are as Node defines them. */
let restore: (() => void) | undefined;
/** Number of callers of {@link open} that still need the globals. */
let users = 0;

/**
 * Sets `navigator.gpu` and the globals of WebGPU to the objects of the package `webgpu`, which contains Dawn, the
 * implementation of WebGPU in Chromium. Returns a function that ends the use of the globals. When every caller has
 * called its returned function, the globals are restored. If WebGPU is not available, returns a string with the reason
 * instead.
 */
const open = async (): Promise<(() => void) | string> => {
  const dawn = await load();
  if (typeof dawn === 'string') return dawn;
  if (restore === undefined) {
    gpu ??= dawn.create([]);
    if ((await gpu.requestAdapter().catch(() => null)) === null)
      return 'no graphics driver that the package webgpu accepts';
    restore ??= setGlobals(gpu, dawn.globals);
  }
  users += 1;
  let closed = false;
  return () => {
    if (closed) return;
    closed = true;
    users -= 1;
    if (users > 0) return;
    restore?.();
    restore = undefined;
  };
};

/** How WebGPU runs in Node. */
export const DAWN: GraphicsInNode = {
  expected: 'the package webgpu and a graphics card',
  hint: 'Run: npm install webgpu. On Linux it needs a Vulkan driver. Or use wasm().',
  open,
};

/** Imports the package `webgpu`, or returns the reason why it cannot be imported. */
const load = async (): Promise<Dawn | string> => {
  // The name of the package is in a variable, so that bundlers for pages do not search for a package that runs only in
  // Node.
  const name = 'webgpu';
  try {
    return (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as Dawn;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    return missing ? 'no such package' : `a package that does not load (${problemOf(error)})`;
  }
};

/** Sets the globals of WebGPU, and returns the function that restores them. Node has a `navigator` since version 21. */
const setGlobals = (gpu: object, all: Readonly<Record<string, unknown>>): (() => void) => {
  const { navigator } = globalThis as { readonly navigator?: object };
  const names = Object.fromEntries(NAMES.map((name) => [name, all[name]]));
  if (navigator === undefined) return define(globalThis, { ...names, navigator: { gpu } });
  const undo = [define(globalThis, names), define(navigator, { gpu })];
  return () => {
    for (const each of undo) each();
  };
};

/** Defines properties of an object, and returns a function that restores the previous properties. */
const define = (target: object, values: Readonly<Record<string, unknown>>): (() => void) => {
  const before = Object.keys(values).map((name) => [name, Object.getOwnPropertyDescriptor(target, name)] as const);
  for (const [name, value] of Object.entries(values))
    Object.defineProperty(target, name, { value, configurable: true, enumerable: true, writable: true });
  return () => {
    for (const [name, was] of before) {
      Reflect.deleteProperty(target, name);
      if (was !== undefined) Object.defineProperty(target, name, was);
    }
  };
};

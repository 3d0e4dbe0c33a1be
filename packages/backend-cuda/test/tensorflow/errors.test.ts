import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { IMPORT_CPU_BUILD, project, starting, type Project } from '../child.ts';
import { packages } from './setup.ts';

/** Installs tfjs-node or tfjs-node-gpu and its dependencies, without the native library. */
const install = (user: Project, name: string): void => {
  for (const part of ['package.json', 'dist'])
    user.add(`node_modules/@tensorflow/${name}/${part}`, join(packages, '@tensorflow', name, part), 'copy');
};
const dependencies = (user: Project): void => {
  const scopes = readdirSync(packages).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(packages, name)).map((inner) => `${name}/${inner}`) : [name],
  );
  for (const name of scopes) {
    if (!name.startsWith('.') && !existsSync(join(user.folder, 'node_modules', name)))
      user.add(`node_modules/${name}`, join(packages, name));
  }
};
/** Path of the native Node addon in an installed package. */
const addon = (name: string): string => `node_modules/@tensorflow/${name}/lib/napi-v8/tfjs_binding.node`;

describe('with tfjs-node-gpu installed without its native library', () => {
  const user = project();
  install(user, 'tfjs-node-gpu');
  dependencies(user);

  it('the error names the path of the missing library, and the command that builds the library', () => {
    const { available, error } = user.run(starting('cuda()'));
    expect(available).toBe(false);
    expect(error).toMatchObject({ code: 'unsupported', at: 'backend-cuda/cuda' });
    expect(error!.message).toBe(
      '[backend-cuda/cuda] @tensorflow/tfjs-node-gpu is installed without its native library: ' +
        `expected ${join(user.folder, addon('tfjs-node-gpu'))}, got no such file. ` +
        'Run: npm rebuild @tensorflow/tfjs-node-gpu --build-addon-from-source',
    );
    expect(user.run("await import('@tensorflow/tfjs-node-gpu');").error!.message).toContain(
      join(user.folder, addon('tfjs-node-gpu')),
    );
  });
});

describe('with a native library of tfjs-node-gpu that does not load', () => {
  const user = project();
  install(user, 'tfjs-node-gpu');
  dependencies(user);

  it('the error contains the message of the operating system if the library of TensorFlow is missing', () => {
    user.add(addon('tfjs-node-gpu'), join(packages, '..', addon('tfjs-node')), 'copy');
    const { error } = user.run(starting('cuda()'));
    expect(error).toMatchObject({ code: 'unsupported', at: 'backend-cuda/cuda' });
    expect(error!.message).toMatch(
      new RegExp(
        String.raw`^\[backend-cuda/cuda\] The native library of @tensorflow/tfjs-node-gpu does not load: ` +
          String.raw`got libtensorflow_cc\.so\.2: cannot open shared object file.*\. Run: npm rebuild`,
      ),
    );
  });

  it('the error contains the message of the operating system if the library file is damaged', () => {
    const path = join(user.folder, addon('tfjs-node-gpu'));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'not a library');
    expect(user.run(starting('cuda()')).error!.message).toContain('does not load: got ');
  });
});

describe('on a machine without a CUDA device', () => {
  const user = project();
  install(user, 'tfjs-node-gpu');
  dependencies(user);
  // The library for the CPU replaces the library for CUDA, because neither library finds a card on this machine.
  user.add('node_modules/@tensorflow/tfjs-node-gpu/lib', join(packages, '@tensorflow/tfjs-node/lib'));

  it('`cuda` throws an error that names the missing device', () => {
    const { available, error } = user.run(starting('cuda()'));
    expect(available).toBe(true);
    expect(error).toMatchObject({ code: 'unsupported', at: 'backend-cuda/cuda' });
    expect(error!.message).toMatch(
      /^\[backend-cuda\/cuda\] TensorFlow found no CUDA device: expected a GPU, got only the CPU\. .*nvidia-smi.*wasm\(\)\.$/,
    );
  });

  it('the previous backend is current again after `cuda` has failed, and `cpuBuild` can start in the same process', () => {
    const { after, name, sum } = user.run(`
      const { getBackend, registerBackend, KernelBackend, setBackend, tensor1d, sum } = await import('@tensorflow/tfjs-core');
      const { cuda } = await import('@impflow/backend-cuda');
      ${IMPORT_CPU_BUILD}
      registerBackend('other', () => Object.assign(new KernelBackend(), { numDataIds: () => 0 }));
      await setBackend('other');
      await cuda().start().catch(() => report({ after: getBackend() }));
      report({ name: (await cpuBuild().start()).name, sum: sum(tensor1d([1, 2, 3])).dataSync()[0] });`);
    expect({ after, name, sum }).toEqual({ after: 'other', name: 'cpuBuild', sum: 6 });
  });

  it('`cuda` throws after `cpuBuild` has started, because a process can load only one build of TensorFlow', () => {
    const { first, error } = user.run(`
      const { cuda } = await import('@impflow/backend-cuda');
      ${IMPORT_CPU_BUILD}
      const backend = await cpuBuild().start();
      report({ first: backend.capabilities.device });
      backend.dispose();
      await cuda().start();`);
    expect(first).toBe('cpu');
    expect(error!.message).toBe(
      '[backend-cuda/cuda] Another build of TensorFlow runs in this process: ' +
        'expected the build for CUDA, got the build for the CPU. Run cuda() in a separate process.',
    );
  });
});

import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { project, starting, type Project } from '../child.ts';
import { packages } from './setup.ts';

/** Installs the JavaScript of a package of tfjs-node and its dependencies, without the native library. */
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
const library = 'node_modules/@tensorflow/tfjs-node/lib/napi-v8/tfjs_binding.node';

describe('where tfjs-node is installed without its library', () => {
  const user = project();
  install(user, 'tfjs-node');
  dependencies(user);

  it('the error names the path where tfjs-node looks for the library, and the command that builds the library', () => {
    const { available, error } = user.run(starting('native()'));
    expect(available).toBe(false);
    expect(error).toMatchObject({ code: 'unsupported', at: 'backend-cuda/native' });
    expect(error!.message).toBe(
      '[backend-cuda/native] @tensorflow/tfjs-node is installed without its native library: ' +
        `expected ${join(user.folder, library)}, got no such file. ` +
        'Run: npm rebuild @tensorflow/tfjs-node --build-addon-from-source. ' +
        'Where it cannot download TensorFlow, see tools/native in the repository of ImpFlow.',
    );
    expect(user.run("await import('@tensorflow/tfjs-node');").error!.message).toContain(join(user.folder, library));
  });
});

describe('where the library of tfjs-node does not load', () => {
  const user = project();
  install(user, 'tfjs-node');
  dependencies(user);

  it('the error has the message of the loader if the library of TensorFlow is missing', () => {
    user.add(library, join(packages, '../', library), 'copy');
    const { error } = user.run(starting('native()'));
    expect(error).toMatchObject({ code: 'unsupported', at: 'backend-cuda/native' });
    expect(error!.message).toMatch(
      new RegExp(
        String.raw`^\[backend-cuda/native\] The native library of @tensorflow/tfjs-node does not load: ` +
          String.raw`got libtensorflow_cc\.so\.2: cannot open shared object file.*\. Run: npm rebuild`,
      ),
    );
  });

  it('the error has the message of the loader if the file is broken', () => {
    mkdirSync(join(user.folder, 'node_modules/@tensorflow/tfjs-node/lib/napi-v8'), { recursive: true });
    writeFileSync(join(user.folder, library), 'not a library');
    expect(user.run(starting('native()')).error!.message).toContain('does not load: got ');
  });
});

describe('where there is no CUDA device', () => {
  const user = project();
  install(user, 'tfjs-node-gpu');
  dependencies(user);
  // The library for the CPU replaces the library for CUDA. Neither finds a card on this machine.
  user.add('node_modules/@tensorflow/tfjs-node-gpu/lib', join(packages, '@tensorflow/tfjs-node/lib'));

  it('cuda throws an error that names the missing device', () => {
    const { available, error } = user.run(starting('cuda()'));
    expect(available).toBe(true);
    expect(error).toMatchObject({ code: 'unsupported', at: 'backend-cuda/cuda' });
    expect(error!.message).toMatch(
      /^\[backend-cuda\/cuda\] TensorFlow found no CUDA device: expected a GPU, got only the CPU\. .*nvidia-smi.*native\(\)\.$/,
    );
  });

  it('the previous backend is current again after cuda has failed, and native can start in the same process', () => {
    const { after, name, sum } = user.run(`
      const { getBackend, registerBackend, KernelBackend, setBackend, tensor1d, sum } = await import('@tensorflow/tfjs-core');
      const { cuda, native } = await import('@impflow/backend-cuda');
      registerBackend('other', () => Object.assign(new KernelBackend(), { numDataIds: () => 0 }));
      await setBackend('other');
      await cuda().start().catch(() => report({ after: getBackend() }));
      report({ name: (await native().start()).name, sum: sum(tensor1d([1, 2, 3])).dataSync()[0] });`);
    expect({ after, name, sum }).toEqual({ after: 'other', name: 'native', sum: 6 });
  });

  it('cuda throws after native has started, because a process can load only one build', () => {
    const { first, error } = user.run(`
      const { cuda, native } = await import('@impflow/backend-cuda');
      const backend = await native().start();
      report({ first: backend.capabilities.device });
      backend.dispose();
      await cuda().start();`);
    expect(first).toBe('cpu');
    expect(error!.message).toBe(
      '[backend-cuda/cuda] Another build of TensorFlow runs in this process: ' +
        'expected the one for CUDA, got the one for the CPU. Run cuda() in a separate process.',
    );
  });
});

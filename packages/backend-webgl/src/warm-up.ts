import { FlowError, release, settle } from '@impflow/core';
import { backend, getBackend } from '@tensorflow/tfjs-core';
import type { WebglEngine } from './engine.ts';

/** Result of {@link warmUp}. */
export interface WarmUp {
  /** Number of programs compiled. */
  readonly programs: number;
  /** Wall time in seconds. */
  readonly seconds: number;
}

/**
 * Runs `body` once and disposes its result, so that WebGL compiles the programs. WebGL compiles a program for each
 * operation and shape at their first use, which takes seconds in all. Call `warmUp` with a step on the shapes that the
 * program uses, before a user must wait for the step.
 *
 * @throws `input` if another backend runs.
 */
export const warmUp = async (body: () => unknown): Promise<WarmUp> => {
  if (getBackend() !== 'webgl')
    throw new FlowError('input', 'backend-webgl/warmUp', 'Another backend runs', {
      expected: 'webgl',
      got: getBackend(),
      hint: 'Start webgl() first; other backends need no warm-up.',
    });
  const engine = backend() as WebglEngine;
  const programs = (): number => Object.keys(engine.binaryCache).length;
  const before = programs();
  const start = performance.now();
  release(await settle(body));
  // Drivers compile asynchronously, so wait until the drivers have finished.
  engine.gpgpu.gl.finish();
  return { programs: programs() - before, seconds: (performance.now() - start) / 1000 };
};

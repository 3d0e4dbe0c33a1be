import { FlowError, release, settle } from '@impflow/core';
import { backend, getBackend } from '@tensorflow/tfjs-core';
import type { WebglEngine } from './engine.ts';

export interface WarmUp {
  /** Programs compiled. */
  readonly programs: number;
  readonly seconds: number;
}

/**
 * Runs `body` once and drops its result: WebGL compiles a program for each operation and shape when it first meets them, for seconds in all.
 * Call it with a step of the shapes to come before the user waits for one.
 *
 * @throws `input` where another backend runs.
 */
export const warmUp = async (body: () => unknown): Promise<WarmUp> => {
  if (getBackend() !== 'webgl') throw new FlowError('input', 'backend-webgl/warmUp', 'Another backend runs', { expected: 'webgl', got: getBackend(), hint: 'Start webgl() first; other backends need no warm-up.' });
  const engine = backend() as WebglEngine;
  const programs = (): number => Object.keys(engine.binaryCache).length;
  const before = programs();
  const start = performance.now();
  release(await settle(body));
  // Drivers compile behind the scenes until somebody waits.
  engine.gpgpu.gl.finish();
  return { programs: programs() - before, seconds: (performance.now() - start) / 1000 };
};

import { correctKernel, keepNaN } from '@impflow/core';
import { backend_util, type KernelFunc, type NamedTensorInfoMap, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WebglEngine } from './engine.ts';

/**
 * Replaces kernels of tfjs that return wrong values for NaN and infinity. The solver must receive NaN, because
 * otherwise a sample that has become NaN would count as converged.
 *
 * | kernel | tfjs | here |
 * | --- | --- | --- |
 * | `RealDiv` | `0 / 0 = inf / inf = 1` | NaN |
 * | `Relu` | `relu(-inf) = NaN` | 0 |
 * | `Softplus` | `softplus(NaN) = inf` | NaN |
 */
export const correct = (): void => {
  correctKernel('webgl', 'RealDiv', () =>
    program(
      ['a', 'b'],
      (a, b) => backend_util.assertAndGetBroadcastShape(a!.shape, b!.shape),
      'getAAtOutCoords() / getBAtOutCoords()',
    ),
  );
  correctKernel('webgl', 'Relu', () =>
    program(['x'], (x) => x!.shape, 'getAAtOutCoords() < 0.0 ? 0.0 : getAAtOutCoords()'),
  );
  keepNaN('webgl', 'Softplus');
};

/** Makes a kernel that computes one expression per element. The shaders of tfjs call the inputs A, B, ... */
const program =
  (names: readonly string[], shapeOf: (...inputs: readonly TensorInfo[]) => number[], expression: string): KernelFunc =>
  ({ inputs, backend }) => {
    const given = names.map((name) => (inputs as NamedTensorInfoMap)[name]!);
    const description = {
      variableNames: names.map((_, i) => 'AB'[i]!),
      outputShape: shapeOf(...given),
      userCode: `void main() { setOutput(${expression}); }`,
    };
    return (backend as WebglEngine).runWebGLProgram(description, given, 'float32') as TensorInfo;
  };

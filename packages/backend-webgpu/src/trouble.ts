import { failAfterLoss, tensorsLost, type FlowError } from '@impflow/core';
import type { WebgpuEngine } from './engine.ts';

/**
 * Makes read-backs throw `unsupported` after WebGPU has refused a program. After the device is lost, operations also
 * throw. WebGPU refuses, for example, a program with more tensors than the device can bind. WebGPU then drops all work
 * that was submitted together with the program, without an error.
 */
export const tellTrouble = (backend: WebgpuEngine): void => {
  const { device } = backend;
  const read = backend.read.bind(backend);
  const readSync = backend.readSync.bind(backend);
  let trouble: FlowError | undefined;
  const lost = (what: string, message: string): FlowError =>
    tensorsLost('webgpu', what, { got: message.split('\n')[0]!.replace(/\.$/, '') });
  device.addEventListener('uncapturederror', ({ error }) => {
    trouble ??= lost('WebGPU refused a program of TensorFlow.js, and dropped its results', error.message);
  });
  const unlessTrouble = <T>(values: T): T => {
    if (trouble !== undefined) throw trouble;
    return values;
  };
  backend.read = async (dataId) => unlessTrouble(await read(dataId));
  backend.readSync = (dataId) => unlessTrouble(readSync(dataId));
  void device.lost.then(({ message }) => {
    const error = lost('The graphics device is lost, and all its tensors with it', message);
    failAfterLoss(backend, ['runWebGPUProgram', 'readSync'], error);
  });
};

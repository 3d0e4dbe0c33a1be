import { FlowError, tensorsLost } from '@impflow/core';
import { util, type DataId } from '@tensorflow/tfjs-core';
import type { WebgpuEngine } from './engine.ts';

/**
 * Gives the backend synchronous reads, in Node. Dawn delivers an answer when its event handler runs. While Dawn expects
 * an answer, it calls `setImmediate` with its event handler. Here it finds another `setImmediate`, which keeps the
 * handler, so that a synchronous read can call the handler in a loop. The other `setImmediate` is set only while Dawn is
 * called.
 *
 * @remarks Node frees the objects of Dawn only between turns of the event loop.
 */
export const readSynchronously = async (engine: WebgpuEngine): Promise<void> => {
  const { device } = engine;
  // While the device was made, Dawn found the real `setImmediate`. It asks again only after that call.
  await new Promise((resolve) => setImmediate(resolve));
  const events = dawnEvents();
  const read = engine.read.bind(engine);
  const readHost = engine.readSync.bind(engine);

  /** Copies the values of a tensor on the device to the host. */
  const download = (dataId: DataId): Float32Array => {
    const tensor = engine.tensorMap.get(dataId);
    const { size } = tensor.resource!;
    const copy = device.createBuffer({ size, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
    let bytes: ArrayBuffer;
    try {
      engine.ensureCommandEncoderReady();
      engine.endComputePassEncoder();
      engine.commandEncoder!.copyBufferToBuffer(tensor.resource!, 0, copy, 0, size);
      engine.submitQueue();
      // The state of the buffer tells about a failure.
      void events.during(() => copy.mapAsync(GPUMapMode.READ).catch(() => {}));
      while (copy.mapState === 'pending') events.handle();
      if (copy.mapState !== 'mapped') throw tensorsLost('webgpu', 'WebGPU did not return the values of a tensor');
      bytes = copy.getMappedRange().slice(0);
    } finally {
      copy.destroy();
    }
    const values = util.convertBackendValuesAndArrayBuffer(bytes, tensor.dtype) as Float32Array;
    tensor.values = values;
    return values;
  };

  engine.read = (dataId) => events.during(() => read(dataId));
  engine.readSync = (dataId) => {
    const { values, dtype } = engine.tensorMap.get(dataId);
    // tfjs makes a complex tensor from two others, which it reads by this method.
    return values != null || dtype === 'complex64' ? readHost(dataId) : download(dataId);
  };
};

interface DawnEvents {
  /** Runs `body`, which calls Dawn, with the other `setImmediate`. */
  during<T>(body: () => T): T;
  /** Handles the events of Dawn. @throws `unsupported` if Dawn has not asked for it. */
  handle(): void;
}

const dawnEvents = (): DawnEvents => {
  const later = setImmediate;
  /** The function that handles events, if Dawn waits for its call. */
  let asked: (() => void) | undefined;
  /** Whether Node will call it if no synchronous read does. */
  let planned = false;
  const events: DawnEvents = {
    during: (body) => {
      const before = globalThis.setImmediate;
      globalThis.setImmediate = ask as typeof setImmediate;
      try {
        return body();
      } finally {
        globalThis.setImmediate = before;
      }
    },
    handle: () => {
      const run = asked;
      if (run === undefined) {
        throw new FlowError('unsupported', 'backend-webgpu', 'WebGPU cannot be read synchronously at the moment', {
          hint: 'Await what else waits for the device. Use version 0.6 of the package webgpu.',
        });
      }
      asked = undefined;
      events.during(run);
    },
  };
  // A synchronous read asks many times in one turn of the event loop, so there is one plan at a time.
  const ask = (run: () => void): void => {
    asked = run;
    if (planned) return;
    planned = true;
    later(() => {
      planned = false;
      if (asked !== undefined) events.handle();
    });
  };
  return events;
};

import { FlowError, tensorsLost } from '@impflow/core';
import { util, type DataId } from '@tensorflow/tfjs-core';
import type { WebgpuEngine } from './engine.ts';

/**
 * Adds synchronous reads to the backend, in Node. Dawn (the implementation of WebGPU in Chromium) delivers values when
 * its event handler runs. While Dawn waits for values, it calls `setImmediate` with its event handler. This file
 * replaces `setImmediate` by a function that stores the handler, so that a synchronous read can call the handler in a
 * loop. The replacement is set only while Dawn is called.
 *
 * @remarks Node frees the objects of Dawn only between turns of the event loop.
 */
export const readSynchronously = async (engine: WebgpuEngine): Promise<void> => {
  const { device } = engine;
  // When the device was made, Dawn called the real `setImmediate`. Dawn calls `setImmediate` again only after the
  // scheduled handler has run, so wait for one turn of the event loop.
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
      // A failure is detected from the state of the buffer.
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
    // tfjs stores a complex tensor as two real tensors, and calls this method for each of the two real tensors.
    return values != null || dtype === 'complex64' ? readHost(dataId) : download(dataId);
  };
};

interface DawnEvents {
  /** Runs `body`, which calls Dawn, with the replaced `setImmediate`. */
  during<T>(body: () => T): T;
  /** Calls the event handler of Dawn. @throws `unsupported` if Dawn has not passed a handler to `setImmediate`. */
  handle(): void;
}

const dawnEvents = (): DawnEvents => {
  const later = setImmediate;
  /** The event handler, if Dawn has scheduled it and it has not run. */
  let asked: (() => void) | undefined;
  /** Whether a call of the event handler in the next turn of the event loop is scheduled. */
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
          hint: 'Await other work on the device first. Use version 0.6 of the package webgpu.',
        });
      }
      asked = undefined;
      events.during(run);
    },
  };
  // During a synchronous read, Dawn schedules its handler many times in one turn of the event loop, but one call by
  // Node is enough.
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

// Set-up of every test file that shares its process with other test files. After the last test of a file, its backends,
// tensors and variables are removed from TensorFlow.js, so that the next file starts like in a new process.
import { engine } from '@tensorflow/tfjs-core';
import { afterAll } from 'vitest';

afterAll(() => {
  // The variables are removed from the engine without being disposed, because a variable cannot be disposed after its
  // backend.
  engine().state.registeredVariables = {};
  engine().reset();
});

// Set-up of every test file that shares its process with other test files. After the last test of a file, its backends,
// tensors and variables are removed from TensorFlow.js, so that the next file starts like in a new process.
import { engine } from '@tensorflow/tfjs-core';
import { afterAll } from 'vitest';

afterAll(() => {
  // The variables are only forgotten, because a variable cannot be disposed after its backend was disposed.
  engine().state.registeredVariables = {};
  engine().reset();
});

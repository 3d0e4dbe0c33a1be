// Set-up of every test file that shares its process with others: what a file leaves in TensorFlow.js (backends, tensors,
// variables) is dropped after its last test, so that the next file finds the state of a new process.
import { engine } from '@tensorflow/tfjs-core';
import { afterAll } from 'vitest';

afterAll(() => {
  // A variable whose backend is disposed cannot be disposed any more.
  engine().state.registeredVariables = {};
  engine().reset();
});

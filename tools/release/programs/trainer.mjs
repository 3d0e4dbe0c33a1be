// Trains a flow by calling the command line as a function.
import { existsSync } from 'node:fs';
import { main } from '@impflow/trainer';

const code = await main([
  'train',
  '--data',
  'moons',
  '--steps',
  '20',
  '--blocks',
  '2',
  '--hidden',
  '16,16',
  '--batch',
  '64',
  '--workers',
  '1',
  '--out',
  'run',
  '--quiet',
]);
console.log(
  `impflow train: exit code ${code}, checkpoint ${existsSync('run/checkpoint.safetensors') ? 'written' : 'missing'}`,
);
process.exitCode = existsSync('run/checkpoint.safetensors') ? code : 1;

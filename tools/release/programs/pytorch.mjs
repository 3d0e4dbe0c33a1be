// Reads a state dict that PyTorch wrote, and shows that a file that would run a command is refused.
// With packages/pytorch/test/fixtures/layouts.pth
// With packages/pytorch/test/fixtures/hostile-system.pth
import { readFileSync } from 'node:fs';
import { readPth } from '@impflow/pytorch';

const state = readPth(readFileSync('layouts.pth'));
let refusal;
try {
  readPth(readFileSync('hostile-system.pth'));
} catch (error) {
  refusal = error;
}
console.log(
  `${Object.keys(state).length} tensors, int64 is ${state.int64.data.join(', ')}; refused: ${refusal?.message.split(', which')[0]}`,
);
process.exitCode = state.int64.data[0] === 2n ** 53n + 1n && refusal?.name === 'FlowError' ? 0 : 1;

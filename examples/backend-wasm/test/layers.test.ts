import { expect, it } from 'vitest';
import { digits } from '../digits.mjs';
import { program } from '../layers.mjs';

const data = digits({ train: 100, test: 30 });

const told = async (simd: 'simd' | 'stock'): Promise<readonly string[]> => {
  const lines: string[] = [];
  await program(
    (line) => {
      lines.push(line);
    },
    { simd, data },
  );
  return lines;
};

it('the dense and the convolutional net learn to classify digits', async () => {
  const [first, ...lines] = await told('simd');
  expect(first).toBe('wasm, kernels: simd');
  expect(lines).toHaveLength(2);
  for (const line of lines) expect(Number(/accuracy (\d+\.\d) %/.exec(line)![1])).toBeGreaterThan(70);
});

it('the convolutional net cannot be trained with the stock kernels of TensorFlow.js', async () => {
  const [first, dense, convolutional] = await told('stock');
  expect(first).toBe('wasm, kernels: stock');
  expect(dense).toMatch(/^mlp: .* accuracy/);
  expect(convolutional).toMatch(/^convNet: .*Conv2DBackpropFilter/s);
});

// A program that rewrites one safetensors file until the program is killed. Every value in the file is derived from the
// number of the write, so a reader can detect a mixture of two writes.
import { writeSafetensors } from '@impflow/training';

const [path, first] = process.argv.slice(2);
for (let i = Number(first); ; i++) {
  await writeSafetensors(
    path!,
    { w: { dtype: 'I32', shape: [1 << 16], data: new Int32Array(1 << 16).fill(i) } },
    { count: String(i) },
  );
  process.stdout.write('.');
}

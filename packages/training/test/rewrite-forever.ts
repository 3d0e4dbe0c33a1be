// Rewrites one safetensors file until it is killed. From the contents a reader can see whether all of them come from
// the same write.
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

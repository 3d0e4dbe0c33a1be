// Fits a density of a category and a number in a CSV file without training. Scores rows, and fills a gap.
import { writeFileSync } from 'node:fs';
import '@tensorflow/tfjs-backend-cpu';
import { key, normals, registerGradients } from '@impflow/core';
import { fitColumns, planColumns, readFrame, recordFlow, recordsSpec, trainedRecords, valuesOf } from '@impflow/tables';

await registerGradients();
writeFileSync(
  'pets.csv',
  ['kind,kg', ...Array.from(normals(key(0), 300), (z, i) => (i % 3 === 0 ? `cat,${4 + z / 2}` : `dog,${20 + z}`))].join(
    '\n',
  ),
);
const frame = await readFrame('pets.csv'),
  fitted = fitColumns(frame, planColumns(frame)),
  spec = recordsSpec(fitted, valuesOf(frame, fitted.columns), { model: 'coupling', blocks: 0 }),
  pets = trainedRecords(recordFlow(spec));
const [dog, cat] = pets.score([
    { kind: 'dog', kg: 20 },
    { kind: 'cat', kg: 20 },
  ]).values,
  filled = pets.impute([{ kind: null, kg: 4.2 }], { draws: 1, key: key(1) }).frame.columns[0].texts[0];
console.log(`a dog of 20 kg: ${dog.toFixed(1)} nats, a cat: ${cat.toFixed(1)}; 4.2 kg: a ${filled}`);
process.exitCode = dog > cat + 10 && filled === 'cat' ? 0 : 1;

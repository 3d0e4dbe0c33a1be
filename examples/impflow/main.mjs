// Fits the table of penguins, which has gaps and categories. Then scores and explains rows, fills gaps, draws samples,
// saves the model and loads it again.
import { readFileSync } from 'node:fs';
import { fit, load } from 'impflow';

const penguins = JSON.parse(readFileSync(new URL('penguins.json', import.meta.url), 'utf8'));
const model = await fit(penguins, { given: ['Species'], steps: 200 });
console.log('held-out nats', model.report.heldOut);
console.log('scores', model.score(penguins.slice(0, 3)));
console.log('reasons', model.explain({ ...penguins[0], 'Body Mass (g)': 6000 }));
console.log('gaps filled', model.impute([penguins[3]], { draws: 2 }));
console.log('samples', model.sample(2, { given: { Species: 'Gentoo' } }));
await model.save('runs/penguins', { force: true });
const saved = await load('runs/penguins');
console.log('the same scores', saved.score(penguins.slice(0, 3)));

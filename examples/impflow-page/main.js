// Fits the penguins in a page; then scores, explains, fills gaps, samples, saves and loads.
import { fit, load } from 'impflow';
import penguins from '../impflow/penguins.json';

const model = await fit(penguins, { given: ['Species'], steps: 200 });
console.log('held-out nats', JSON.stringify(model.report.heldOut));
console.log('scores', JSON.stringify(model.score(penguins.slice(0, 3))));
console.log('reasons', JSON.stringify(model.explain({ ...penguins[0], 'Body Mass (g)': 6000 })));
console.log('gaps filled', JSON.stringify(model.impute([penguins[3]], { draws: 2 })));
console.log('samples', JSON.stringify(model.sample(2, { given: { Species: 'Gentoo' } })));
const saved = await load(model.toBytes());
console.log('the same scores', JSON.stringify(saved.score(penguins.slice(0, 3))));

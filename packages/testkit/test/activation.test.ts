import { cpu } from '@impflow/backend-cpu';
import { activations } from '@impflow/lipschitz';
import { testActivation } from '@impflow/testkit';

/** Activations whose values or slopes have jumps. */
const kinked = new Set(['relu', 'leakyRelu', 'maxMin', 'fullSort', 'elu', 'celu', 'lipschitzCube']);

for (const name of activations.names)
  testActivation({ name, activation: () => activations.create({ name }), backends: [cpu()], kinks: kinked.has(name) });

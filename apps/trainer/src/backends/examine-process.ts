import { examine } from '@impflow/doctor';
import { answer } from './child-process.ts';
import { backends } from './backends.ts';

// Module of a process; do not import it.
answer((name: string) => examine(backends.create({ name })));

import { examine } from '@impflow/doctor';
import { answer } from './apart.ts';
import { backends } from './backends.ts';

// The module of a process: not to be imported.
answer((name: string) => examine(backends.create({ name })));

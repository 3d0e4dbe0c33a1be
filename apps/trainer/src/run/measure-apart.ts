import { answer } from './apart.ts';
import { measureSteps, type StepsQuestion } from './measure-steps.ts';

// The module of a process: not to be imported.
answer((question: StepsQuestion) => measureSteps(question));

import { allowed, built, called, created, forbidden } from './allowed.ts';
import { cursor, type Cursor } from './cursor.ts';
import { OPCODES } from './opcodes.ts';
import { DAMAGED, refusal, SAVE_AGAIN } from './refusal.ts';
import { describe, type Value } from './value.ts';

/**
 * Largest number of opcodes, enough for some 50,000 tensors. The limit bounds the memory, because one byte of a pickle
 * can create a dictionary of 200 bytes, and one deflated byte can unpack to a thousand bytes of a pickle.
 */
const MAX_OPCODES = 2 ** 21;

/** State of a pickle machine. The opcode MARK moves the stack to `aside` and begins a new stack. */
interface PickleMachine {
  readonly input: Cursor;
  readonly memo: Map<number, Value>;
  readonly aside: Value[][];
  stack: Value[];
  /** Returns the value of a persistent id: a storage of the checkpoint. */
  readonly persistent: (id: Value) => Value;
}

/**
 * Returns the value of a pickle of protocols 2 to 5. The function interprets data only: globals are names that are
 * compared with a list (`allowed.ts`), and no opcode calls a function of the file. Time and memory are linear in the
 * length of the pickle.
 *
 * @throws `checkpoint` for anything that state dicts do not need.
 * @see https://docs.python.org/3/library/pickle.html, and `pickletools` for the opcodes.
 */
export const unpickle = (pickle: Uint8Array, persistent: (id: Value) => Value): Value => {
  const machine: PickleMachine = {
    input: cursor(pickle, 'The pickle'),
    memo: new Map(),
    aside: [],
    stack: [],
    persistent,
  };
  if (machine.input.u8() !== 0x80)
    throw refusal('Not a pickle of protocol 2 or later', {
      expected: 'the opcode PROTO',
      got: 'another',
      hint: SAVE_AGAIN,
    });
  const protocol = machine.input.u8();
  if (protocol < 2 || protocol > 5)
    throw refusal('Unknown protocol of the pickle', { expected: '2 to 5', got: String(protocol), hint: SAVE_AGAIN });
  for (let count = 0; count < MAX_OPCODES; count++) {
    const code = machine.input.u8();
    const name = OPCODES[code];
    if (name === 'STOP') return pop(machine);
    const instruction = name === undefined ? undefined : INSTRUCTIONS[name];
    if (instruction === undefined) throw refused(machine, name ?? `0x${code.toString(16)}`);
    instruction(machine);
  }
  throw refusal('The pickle is longer than a state dict can be', {
    expected: `at most ${MAX_OPCODES} opcodes`,
    got: 'more',
    hint: SAVE_AGAIN,
  });
};

/** Returns the error for an unsupported opcode, which makes objects or belongs to an old protocol. */
const refused = ({ input, stack }: PickleMachine, name: string): Error => {
  if (name === 'INST') return forbidden(`${input.line()}.${input.line()}`);
  return refusal(`The pickle uses the opcode ${name}`, {
    expected: 'tensors, numbers and text only',
    ...(name === 'OBJ' ? { got: describe(stack[0]) } : {}),
    hint: SAVE_AGAIN,
  });
};

const empty = (): Error => refusal('The pickle takes more values than its stack has', { hint: DAMAGED });

const pop = ({ stack }: PickleMachine): Value => {
  const value = stack.pop();
  if (value === undefined) throw empty();
  return value;
};

/** Returns the values since the last mark, and restores the stack from before the mark. */
const popMark = (machine: PickleMachine): Value[] => {
  const items = machine.stack;
  const before = machine.aside.pop();
  if (before === undefined) throw empty();
  machine.stack = before;
  return items;
};

const top = <T extends Value>(
  { stack }: PickleMachine,
  is: (value: Value | undefined) => value is T,
  expected: string,
): T => {
  const value = stack.at(-1);
  if (is(value)) return value;
  throw refusal('The pickle adds items to a value of a wrong type', { expected, got: describe(value), hint: DAMAGED });
};
const isList = (value: Value | undefined): value is Value[] => Array.isArray(value) && !Object.isFrozen(value);
const isMap = (value: Value | undefined): value is Map<Value, Value> => value instanceof Map;

/**
 * Whether a value is a safe key of a Map. JavaScript engines hash numbers without a random seed, so a file could
 * contain thousands of large numbers whose hashes collide.
 */
const isKey = (value: Value): boolean =>
  typeof value === 'number' ? Number.isInteger(value) && Math.abs(value) < 2 ** 20 : typeof value !== 'bigint';

const setItems = (machine: PickleMachine, items: readonly Value[]): void => {
  const target = top(machine, isMap, 'a dictionary');
  if (items.length % 2 !== 0) throw empty();
  for (let i = 0; i < items.length; i += 2) {
    if (!isKey(items[i]!))
      throw refusal('Wrong key of a dictionary', {
        expected: 'text, or a whole number below 2^20',
        got: describe(items[i]),
        hint: SAVE_AGAIN,
      });
    target.set(items[i]!, items[i + 1]!);
  }
};

const append = (machine: PickleMachine, items: readonly Value[]): void => {
  const target = top(machine, isList, 'a list');
  for (const item of items) target.push(item);
};

const recall = (machine: PickleMachine, index: number): void => {
  const value = machine.memo.get(index);
  if (value === undefined) {
    throw refusal('The pickle reads a memo entry that it never wrote', { got: `number ${index}`, hint: DAMAGED });
  }
  machine.stack.push(value);
};

const keep = (machine: PickleMachine, index: number): void => {
  const value = machine.stack.at(-1);
  if (value === undefined) throw empty();
  machine.memo.set(index, value);
};

const tuple = (machine: PickleMachine, length: number): void => {
  if (machine.stack.length < length) throw empty();
  machine.stack.push(machine.stack.splice(-length, length));
};

/**
 * Reads a little-endian integer in two's complement. Returns a number if a number holds the integer exactly, otherwise
 * a bigint.
 */
const long = (bytes: Uint8Array): number | bigint => {
  if (bytes.length > 255)
    throw refusal('A whole number of too many digits', {
      expected: 'at most 255 bytes',
      got: String(bytes.length),
      hint: SAVE_AGAIN,
    });
  const value = BigInt.asIntN(
    8 * bytes.length,
    bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n),
  );
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
};

const global = (machine: PickleMachine): void => {
  const [name, module] = [pop(machine), pop(machine)];
  if (typeof module !== 'string' || typeof name !== 'string')
    throw refusal('Wrong name of a global', {
      expected: 'two strings',
      got: `${describe(module)}, ${describe(name)}`,
      hint: DAMAGED,
    });
  machine.stack.push(allowed(module, name));
};

/** Executes an opcode on the machine. */
type Instruction = (machine: PickleMachine) => void;
const push =
  (value: (machine: PickleMachine) => Value): Instruction =>
  (machine) => {
    // Compute the value before reading `machine.stack`, because the computation may replace the stack.
    const made = value(machine);
    machine.stack.push(made);
  };

/** Instruction of each opcode. Opcodes without an instruction are refused. */
const INSTRUCTIONS: Readonly<Record<string, Instruction>> = {
  FRAME: ({ input }) => {
    input.u64();
  },
  MARK: (machine) => {
    machine.aside.push(machine.stack);
    machine.stack = [];
  },
  POP: pop,
  POP_MARK: popMark,
  DUP: (machine) => {
    const value = pop(machine);
    machine.stack.push(value, value);
  },
  NONE: push(() => null),
  NEWTRUE: push(() => true),
  NEWFALSE: push(() => false),
  BININT: push(({ input }) => input.i32()),
  BININT1: push(({ input }) => input.u8()),
  BININT2: push(({ input }) => input.u16()),
  BINFLOAT: push(({ input }) => input.f64()),
  LONG1: push(({ input }) => long(input.take(input.u8()))),
  LONG4: push(({ input }) => long(input.take(input.u32()))),
  SHORT_BINUNICODE: push(({ input }) => input.text(input.u8())),
  BINUNICODE: push(({ input }) => input.text(input.u32())),
  BINUNICODE8: push(({ input }) => input.text(input.u64())),
  SHORT_BINBYTES: push(({ input }) => input.take(input.u8())),
  BINBYTES: push(({ input }) => input.take(input.u32())),
  BINBYTES8: push(({ input }) => input.take(input.u64())),
  BYTEARRAY8: push(({ input }) => input.take(input.u64())),
  EMPTY_LIST: push(() => []),
  EMPTY_DICT: push(() => new Map()),
  EMPTY_SET: push(() => []),
  FROZENSET: push(popMark),
  EMPTY_TUPLE: push(() => []),
  TUPLE: push(popMark),
  TUPLE1: (machine) => tuple(machine, 1),
  TUPLE2: (machine) => tuple(machine, 2),
  TUPLE3: (machine) => tuple(machine, 3),
  APPEND: (machine) => append(machine, [pop(machine)]),
  APPENDS: (machine) => append(machine, popMark(machine)),
  SETITEM: (machine) => {
    const [value, name] = [pop(machine), pop(machine)];
    setItems(machine, [name, value]);
  },
  SETITEMS: (machine) => setItems(machine, popMark(machine)),
  ADDITEMS: (machine) => append(machine, popMark(machine)),
  MEMOIZE: (machine) => keep(machine, machine.memo.size),
  BINPUT: (machine) => keep(machine, machine.input.u8()),
  LONG_BINPUT: (machine) => keep(machine, machine.input.u32()),
  BINGET: (machine) => recall(machine, machine.input.u8()),
  LONG_BINGET: (machine) => recall(machine, machine.input.u32()),
  GLOBAL: push(({ input }) => {
    const module = input.line();
    return allowed(module, input.line());
  }),
  STACK_GLOBAL: global,
  BINPERSID: push((machine) => machine.persistent(pop(machine))),
  REDUCE: push((machine) => {
    const args = pop(machine);
    return called(pop(machine), args);
  }),
  NEWOBJ: push((machine) => {
    const args = pop(machine);
    return created(pop(machine), args);
  }),
  BUILD: (machine) => {
    const state = pop(machine);
    built(machine.stack.at(-1), state);
  },
};

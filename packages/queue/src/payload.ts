/** Data of a BullMQ job: the task, which is any JSON value, including `null`. */
export interface Payload<Task> {
  readonly task: Task;
  /** Workers that have refused the task. Absent if no worker has. */
  readonly refusals?: Refusals;
}

/** Workers that have refused a task. */
interface Refusals {
  /** When the first worker refused the task, in milliseconds since 1970. */
  readonly since: number;
  /** Why each worker refused the task, by the name of the worker. */
  readonly reasons: Readonly<Record<string, string>>;
}

/** Return value of a worker: the result of a task, which is any JSON value or undefined. */
export interface Outcome<Result> {
  readonly result: Result;
}

/**
 * Parses the JSON text that a worker returned, and returns the result of the task. Returns undefined for text of any
 * other form.
 */
export const resultIn = <Result>(text: string): Result => {
  try {
    return resultOf(JSON.parse(text));
  } catch {
    return undefined as Result;
  }
};

/** Returns the result of a task, given the parsed value that a worker returned. */
export const resultOf = <Result>(outcome: unknown): Result => (outcome as Outcome<Result> | null)?.result as Result;

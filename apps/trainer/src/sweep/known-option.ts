/** An option of `train`, as a sweep sees it. */
export interface KnownOption {
  /** Long name without dashes, such as `validate-every`. */
  readonly name: string;
  /** Field of `TrainOptions`, such as `validateEvery`. */
  readonly field: string;
  /** Whether it has a value. */
  readonly takesValue: boolean;
  /**
   * The value of a text, as `train` has it.
   *
   * @throws `option` for a wrong value.
   */
  parse(text: string): unknown;
}

/** The canonical text of a value: the same for `1e-3` and `0.001`. */
export const canonical = ({ parse }: Pick<KnownOption, 'parse'>, text: string): string => String(parse(text));

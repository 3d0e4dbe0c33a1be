/** The mean of losses in nats, with its standard error. */
export const meanOf = (values: Float32Array): { readonly nats: number; readonly standardError: number } => {
  const count = values.length;
  const nats = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - nats) ** 2, 0);
  return { nats, standardError: Math.sqrt(squares / Math.max(1, count - 1) / count) };
};

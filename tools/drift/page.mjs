export const driftFiles = () => ({});

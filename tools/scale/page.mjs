export const scalePage = () => '';

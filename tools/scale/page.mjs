export const scalePage = () => "";

/** What the checker calls itself, so that its own queries can be left out of what a database saw. */
export const checkerName = 'graminsta-checker';

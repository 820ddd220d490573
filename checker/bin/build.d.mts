/** The folder with the compiled sources, laid out as the repository is. */
export function build(): Promise<string>;

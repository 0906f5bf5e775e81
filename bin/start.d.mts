/** Runs a program of the project. */
export function start(program: 'lab' | 'synth'): Promise<void>;

/** @returns the folder of the compiled programs @throws where there can be none */
export function compile(): Promise<string>;

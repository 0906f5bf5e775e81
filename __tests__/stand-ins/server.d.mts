/** What a client gets when its call needs a process of its own. */
export const OWN_PROCESS: string;

/** @param socket path of a Unix socket @returns stops it */
export function serve(socket: string): Promise<() => Promise<void>>;

// @ts-check
import { createRequire } from 'node:module';

/** The YAML library, loaded when the first file is read: most calls of a stand-in need none, and it doubles their start. @returns {typeof import('yaml')} */
export const yaml = () => createRequire(import.meta.url)('yaml');

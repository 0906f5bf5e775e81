import type { z } from 'zod';

/**
 * What a program printed as JSON, as far as `schema` asks for it. Never throws: undefined where it is no JSON, or other
 * JSON, such as half an answer.
 */
export function readJson<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

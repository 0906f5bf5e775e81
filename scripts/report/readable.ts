/**
 * What is on record may be of another version, or damaged: then something else stands in its place, and all else is told.
 * @param otherwise given why it cannot be read
 */
export function readable<What>(make: () => What, otherwise: (why: string) => What): What {
  try {
    return make();
  } catch (error) {
    return otherwise((error as Error).message);
  }
}

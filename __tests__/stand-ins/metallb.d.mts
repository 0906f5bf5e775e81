/** The objects of MetalLB's native manifest at its published address. */
export function published(address: string): readonly object[] | undefined;

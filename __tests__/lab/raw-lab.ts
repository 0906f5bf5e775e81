import type { KnownAddresses } from '../../lab/addresses.ts';
import type { Lab } from '../../lab/lab.ts';
import type { Memory } from '../../lab/memory.ts';
import { resolveLab } from '../../lab/resolve.ts';
import { labSchema } from '../../lab/schema.ts';

/** The keys of a region that the address plan decides where lab.yaml does not. */
export const addressKeys = ['id', 'podSubnet', 'serviceSubnet', 'pool'] as const;
export type AddressKey = (typeof addressKeys)[number];

/** A region as lab.yaml gives it; its addresses as text. */
export interface RawRegion {
  readonly name: string;
  readonly id?: number | undefined;
  readonly podSubnet?: string | undefined;
  readonly serviceSubnet?: string | undefined;
  readonly pool?: string | undefined;
  readonly workers?: number;
}

/** A lab as lab.yaml gives it. */
export interface RawLab {
  readonly regions: readonly RawRegion[];
  readonly stack?: string;
  readonly network?: { readonly subnet?: string; readonly pods?: string };
  readonly loadBalancer?: { readonly by?: string; readonly addressesPerRegion?: number | undefined };
}

export const resolveRaw = (raw: RawLab, memory?: Memory) =>
  resolveLab(labSchema.parse({ name: 'lab', ...raw }), memory);

/** The lab. @throws with the problems of one that is refused */
export function labOfRaw(raw: RawLab, memory?: Memory): Lab {
  const result = resolveRaw(raw, memory);
  if ('problems' in result) throw new Error(result.problems.map(({ message }) => message).join('\n'));
  return result.lab;
}

/** What a synth of this lab would be remembered for. */
export function memoryOf({ regions }: Lab): Memory {
  return new Map(
    regions.map(({ name, id, podSubnet, serviceSubnet, pool }) => [name, { id, podSubnet, serviceSubnet, pool }]),
  );
}

/** One of a region's addresses as lab.yaml would give it. */
export function spelled(known: KnownAddresses | undefined, key: AddressKey): string | number | undefined {
  const value = known?.[key];
  return typeof value === 'number' ? value : value?.toString();
}

/** The address plan: a line for each region. */
export function lines({ regions }: Lab): string[] {
  return regions.map(
    ({ name, id, podSubnet, serviceSubnet, pool }) => `${name} ${id} ${podSubnet} ${serviceSubnet} ${pool}`,
  );
}

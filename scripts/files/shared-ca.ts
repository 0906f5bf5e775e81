import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import type { Values } from '../../lab/lab.ts';
import { valueAt } from '../../lab/values.ts';
import type { Paths } from './paths.ts';
import { writeSecret } from './secret.ts';

/** One CA for all regions, in PEM: without it each chart makes its own, and the CLI refuses to connect from v0.19.1 on. */
export interface SharedCa {
  readonly certificate: string;
  readonly key: string;
}

/** The CA as the chart takes it: base64 of PEM. */
export function caValues({ certificate, key }: SharedCa): Values {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return { tls: { ca: { cert: base64(certificate), key: base64(key) } } };
}

/** The CA that a release was installed with, if it was given one. */
export function caOfValues(values: Values): SharedCa | undefined {
  const [cert, key] = [valueAt(values, ['tls', 'ca', 'cert']), valueAt(values, ['tls', 'ca', 'key'])];
  if (typeof cert !== 'string' || typeof key !== 'string' || cert === '' || key === '') return undefined;
  const text = (base64: string): string => Buffer.from(base64, 'base64').toString();
  return { certificate: text(cert), key: text(key) };
}

export function readCa(paths: Paths): SharedCa | undefined {
  try {
    return { certificate: readFileSync(paths.ca('crt'), 'utf8'), key: readFileSync(paths.ca('key'), 'utf8') };
  } catch {
    return undefined;
  }
}

/** Keeps it, as PEM and as values of the chart. */
export function writeCa(paths: Paths, ca: SharedCa): void {
  writeSecret(paths.ca('crt'), ca.certificate);
  writeSecret(paths.ca('key'), ca.key);
  writeSecret(paths.secretValues('shared-ca'), stringify(caValues(ca)));
}

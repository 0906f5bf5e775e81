import { writeFileSync } from 'node:fs';
import { labJsonSchema } from '../lab/schema.ts';

// Writes lab.schema.json, by which editors complete and check lab.yaml.
writeFileSync(new URL('../lab.schema.json', import.meta.url), `${JSON.stringify(labJsonSchema(), null, 2)}\n`);

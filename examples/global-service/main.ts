import { join } from 'node:path';
import { App } from 'cdk8s';
import { GlobalService } from '../../constructs/global-service.ts';
import { loadLab } from '../../lab/load.ts';

// Writes the global service of every region of a lab: node --import tsx examples/global-service/main.ts [LAB] [FOLDER]
const [lab = 'lab.yaml', outdir = join(import.meta.dirname, 'dist')] = process.argv.slice(2);
const app = new App({ outdir, outputFileExtension: '.yaml' });
for (const { name } of loadLab(lab).regions) new GlobalService(app, name, { region: name });
app.synth();

import { cliMesh } from './cli-mesh.ts';

// what a lab promises, on today's versions
cliMesh('current', { changes: false });

import { cliMesh } from './cli-mesh.ts';
import { controlPlanes } from './control-planes.ts';

// what a lab promises, on today's versions: less than half an hour
cliMesh('current');
controlPlanes('current');

import { bareMachine } from './bare-machine.ts';
import { cliMesh } from './cli-mesh.ts';
import { controlPlanes } from './control-planes.ts';
import { installMesh } from './install-mesh.ts';

// programs by download, the article's versions, the mesh by install, and several control planes
bareMachine();
cliMesh('article', { changes: true });
controlPlanes('current');
controlPlanes('article');
installMesh('article');
installMesh('current');

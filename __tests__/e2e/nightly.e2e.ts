import { cliMesh } from './cli-mesh.ts';
import { controlPlanes } from './control-planes.ts';
import { installMesh } from './install-mesh.ts';

// the article's versions, the mesh by install, and several control planes
cliMesh('article');
controlPlanes('current');
controlPlanes('article');
installMesh('article');
installMesh('current');

import { cliMesh } from './cli-mesh.ts';
import { controlPlanes } from './control-planes.ts';
import { installMesh } from './install-mesh.ts';

// the article's versions, and the mesh by install
cliMesh('article');
controlPlanes('article');
installMesh('article');
installMesh('current');

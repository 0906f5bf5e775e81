import { bareMachine } from './bare-machine.ts';
import { cliMesh } from './cli-mesh.ts';
import { controlPlanes } from './control-planes.ts';
import { installMesh } from './install-mesh.ts';
import { lbIpam } from './lb-ipam.ts';
import { restarts } from './restarts.ts';
import { topologies } from './topologies.ts';
import { wrongThings } from './wrong-things.ts';

// programs by download, the article's versions, the mesh by install, and several control planes
bareMachine();
cliMesh('article', { changes: true });
wrongThings('article');
restarts('article');
topologies('article');
controlPlanes('current');
controlPlanes('article');
installMesh('article');
installMesh('current');
lbIpam('article');
lbIpam('current');

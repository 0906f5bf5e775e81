import { cliMesh } from './cli-mesh.ts';
import { hardLife } from './hard-life.ts';
import { installMesh } from './install-mesh.ts';
import { topologies } from './topologies.ts';

// the mesh by install, with several control planes; other meshes; the article's versions; and what goes wrong
installMesh('current');
installMesh('article');
topologies('article');
cliMesh('article', { changes: true });
hardLife('article');

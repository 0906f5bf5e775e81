import { describeLab } from './describe-lab.ts';
import { toldFailures } from './told-failures.ts';

const name = 'e2e-told';
const regions = ['e2e-athens', 'e2e-hurup'];

describeLab('a lab', { name, stack: 'article', regions }, (lab) => {
  toldFailures(lab, (more, nodes) => lab.write(regions, more, nodes));
});

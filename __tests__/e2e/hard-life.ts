import type { StackName } from '../../lab/stacks.ts';
import { bareMachine } from './bare-machine.ts';
import { describeLab } from './describe-lab.ts';
import { failovers } from './failover.ts';
import { withScenario } from './real-lab.ts';
import { restarts } from './restarts.ts';
import { wrongThings } from './wrong-things.ts';

const name = 'e2e-life';
const regions = ['e2e-athens', 'e2e-hurup'];

/** One lab, to which everything happens: it starts on a machine with kind alone. */
export function hardLife(stack: StackName): void {
  describeLab('a lab', { name, stack, regions }, (lab) => {
    let pinned = '';
    bareMachine(lab, (pins) => {
      pinned = pins;
      return lab.write(regions, `${withScenario}${pins}`);
    });
    wrongThings(lab);
    failovers(lab, regions, (scenarios) => lab.write(regions, `${scenarios}${pinned}`));
    restarts(lab, name, regions);
  });
}

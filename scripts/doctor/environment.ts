import { type Check, ok, warning } from './check.ts';

/** The lab's own line sets KUBECONFIG anew, and colours are no harm. */
const harmless = ['KUBECONFIG', 'FORCE_COLOR'];

/**
 * The driver's programs get none of these, nor kubectl's kuberc, nor Helm's plugins. What is typed by hand does. Plugins of
 * kubectl cannot take the place of a command.
 */
export const environment: Check = {
  name: 'environment',
  isForHands: true,
  find(_, { host }) {
    const steering = host.steering.filter((name) => !harmless.includes(name));
    if (steering.length > 0)
      return warning(
        `${steering.join(', ')} ${steering.length === 1 ? 'is' : 'are'} set`,
        "the driver's programs run without, but what you type by hand may go past the lab",
        `unset ${steering.join(' ')}`,
      );
    if (host.kuberc !== undefined) return ok(`${host.kuberc} is not read by the driver's kubectl, only by yours`);
    return ok('nothing that steers kubectl, helm, kind or cilium elsewhere');
  },
};

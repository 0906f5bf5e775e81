import { expect, it } from 'vitest';
import { environment } from '../../../scripts/doctor/environment.ts';
import { found, host, well } from './facts.ts';

it('GIVEN variables that steer programs elsewhere WHEN judged THEN a warning that names them; KUBECONFIG is no harm', () => {
  const warning = (seen: string, remedy: string) => [
    {
      level: 'warning',
      seen,
      needed: "the driver's programs run without, but what you type by hand may go past the lab",
      remedy,
    },
  ];
  expect(found(environment, host({ steering: ['KUBECONFIG', 'HELM_NAMESPACE'] }))).toEqual(
    warning('HELM_NAMESPACE is set', 'unset HELM_NAMESPACE'),
  );
  expect(found(environment, host({ steering: ['HELM_DRIVER', 'HELM_KUBECONTEXT'] }))).toEqual(
    warning('HELM_DRIVER, HELM_KUBECONTEXT are set', 'unset HELM_DRIVER HELM_KUBECONTEXT'),
  );
});

it('GIVEN none of them, or a kuberc WHEN judged THEN ok', () => {
  expect(found(environment, host({ steering: ['KUBECONFIG', 'FORCE_COLOR'] }))).toEqual(
    well('nothing that steers kubectl, helm, kind or cilium elsewhere'),
  );
  expect(found(environment, host({ kuberc: '/home/me/.kube/kuberc' }))).toEqual(
    well("/home/me/.kube/kuberc is not read by the driver's kubectl, only by yours"),
  );
});

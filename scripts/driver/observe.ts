import { existsSync } from 'node:fs';
import type { Lab, Region } from '../../lab/lab.ts';
import * as docker from '../tools/docker.ts';
import { hostRoutes } from '../tools/host.ts';
import type { Command } from '../tools/command.ts';
import type { Outcome } from '../tools/command-error.ts';
import { CommandError } from '../tools/command-error.ts';
import type { Runner } from '../tools/runner.ts';
import { observeCluster } from './observe-cluster.ts';
import type { Observed, ObservedRegion } from './observed.ts';
import type { Paths } from './paths.ts';
import { caOfValues, readCa } from './shared-ca.ts';

/** A query that takes longer than this many seconds gets no answer. */
const timeoutSeconds = 60;

/** Asks the systems what exists: no state file has a say. Changes nothing. */
export class Observer {
  readonly #runner: Runner;
  readonly #paths: Paths;
  readonly #log: string | undefined;

  /** @param log where the queries are kept; undefined keeps nothing */
  constructor(runner: Runner, paths: Paths, log?: string) {
    this.#runner = runner;
    this.#paths = paths;
    this.#log = log;
  }

  async observe(lab: Lab): Promise<Observed> {
    const [engine, networks, containers, images] = await Promise.all([
      this.ask(docker.info()).then(docker.parseInfo),
      this.networks(),
      this.ask(docker.listKindContainers()).then(docker.parseKindContainers),
      this.#images(lab),
    ]);
    const regions = await Promise.all(
      lab.regions.map(async (region): Promise<[string, ObservedRegion]> => {
        const own = containers.filter(({ cluster }) => cluster === region.name);
        return [region.name, await this.#region(lab, region, own)];
      }),
    );
    const releases = regions.flatMap(([, { cluster }]) => cluster?.release ?? []);
    const ca = releases.map(({ values }) => caOfValues(values)).find((ca) => ca !== undefined) ?? readCa(this.#paths);
    return { engine, networks, routes: hostRoutes(), containers, images, ca, regions: new Map(regions) };
  }

  async networks(): Promise<docker.DockerNetwork[]> {
    const ids = (await this.ask(docker.listNetworks())).split('\n').filter((id) => id !== '');
    return ids.length === 0 ? [] : docker.parseNetworks(await this.ask(docker.inspectNetworks(ids)));
  }

  /** The standard output of a query. @throws CommandError where it fails */
  async ask(command: Command): Promise<string> {
    const outcome = await this.attempt(command);
    if (outcome.exitCode !== 0) throw new CommandError(outcome);
    return outcome.stdout;
  }

  /** A query whose failure is an answer; only a missing program or a stopped driver is none. */
  async attempt(command: Command): Promise<Outcome> {
    const outcome = await this.#runner.attempt(command, { log: this.#log, timeoutSeconds });
    if (outcome.ended === 'not-started' || outcome.ended === 'canceled') throw new CommandError(outcome);
    return outcome;
  }

  async #images(lab: Lab): Promise<ReadonlySet<string>> {
    const present = await Promise.all(
      lab.sources.preload.map(async (image) =>
        (await this.attempt(docker.inspectImage(image))).exitCode === 0 ? [image] : [],
      ),
    );
    return new Set(present.flat());
  }

  async #region(lab: Lab, region: Region, containers: readonly docker.KindContainer[]): Promise<ObservedRegion> {
    const kubeconfig = existsSync(this.#paths.kubeconfig(region.name));
    const own = containers.length > 0 && containers.every(({ networks }) => networks.includes(lab.network.name));
    const cluster = own ? await observeCluster(this, this.#paths, lab, region, containers, kubeconfig) : undefined;
    return { containers, kubeconfig, cluster };
  }
}

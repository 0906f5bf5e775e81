import type { Step } from './step.ts';
import { cache } from './cache.ts';
import { cilium } from './cilium.ts';
import { cluster } from './cluster.ts';
import { connect } from './connect.ts';
import { enable } from './enable.ts';
import { fetch } from './fetch.ts';
import { fill } from './fill.ts';
import { hosts } from './hosts.ts';
import { image } from './image.ts';
import { load } from './load.ts';
import { metallb } from './metallb.ts';
import { network } from './network.ts';
import { paths } from './paths.ts';
import { pool } from './pool.ts';
import { pull } from './pull.ts';
import { ready } from './ready.ts';
import { scenario } from './scenario.ts';
import { test } from './test.ts';
import { upgrade } from './upgrade.ts';
import { verify } from './verify.ts';

/** A deployment, from first to last. Regions advance side by side, the steps of one region in this order. */
export const steps: readonly Step[] = [
  network, // lab:    its own docker network
  fetch, //   lab:    the chart and the manifest, beside the clusters
  pull, //    lab:    the node images, before kind needs them
  image, //   lab:    the preloaded images, beside the clusters
  cache, //   lab:    caches of registries, where images come through them
  fill, //    lab:    the images into the caches, beside the clusters
  cluster, // region: kind
  hosts, //   region: whom the nodes ask for images
  load, //    region: the images, into all nodes
  upgrade, // region: another Cilium in a living mesh, one region at a time
  cilium, //  region: Helm, with the shared CA
  enable, //  region: clustermesh enable
  metallb, // region: manifest, until it takes pools
  pool, //    region: the address pool and its announcement
  ready, //   region: cilium status, clustermesh status
  connect, // lab:    every link once
  paths, //   lab:    every path between the regions
  scenario, // region: those of lab.yaml, up
  test, //    lab:    connectivity test of neighbours
  verify, //  lab:    a look at everything, always
];

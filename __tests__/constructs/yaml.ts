import { App, Chart, Yaml } from 'cdk8s';

/** The YAML of what `build` puts into a chart. */
export function yamlOf(build: (chart: Chart) => void): string {
  const chart = new Chart(new App(), 'chart');
  build(chart);
  return Yaml.stringify(...(chart.toJson() as readonly unknown[]));
}

/** The rooms of the driver, from the top floor down: every import goes down. */
const rooms = [
  'commands',
  'doctor',
  'evidence',
  'run',
  'plan',
  'failover',
  'steps',
  'observe',
  'supply',
  'files',
  'events',
  'tools',
];

const floors = rooms.slice(1).map((room, index) => ({
  name: `floor-${room}`,
  comment: `scripts/${room}/ knows nothing of the rooms above it`,
  severity: 'error',
  from: { path: `^scripts/${room}/` },
  to: { path: `^scripts/(${[...rooms.slice(0, index + 1), 'draw', 'report', 'bench'].join('|')})/` },
}));

/** The laws of docs/architecture.md that an import can break. */
module.exports = {
  forbidden: [
    ...floors,
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'model-knows-nothing-of-the-driver',
      comment: 'lab.yaml -> lab -> constructs -> dist -> scripts: one direction, no way back',
      severity: 'error',
      from: { path: '^(lab|constructs)/' },
      to: { path: '^scripts/' },
    },
    { name: 'lab-is-the-root', severity: 'error', from: { path: '^lab/' }, to: { path: '^(constructs|imports)/' } },
    {
      name: 'driver-never-loads-cdk8s',
      comment: 'it starts fast and applies what lies in dist/',
      severity: 'error',
      from: { path: '^scripts/', pathNot: '^scripts/bench-synth' },
      to: { path: '^(constructs|imports)/|node_modules/(cdk8s|cdk8s-plus-27|constructs)/' },
    },
    {
      name: 'only-load-and-the-writer-touch-files',
      severity: 'error',
      from: {
        path: '^(lab|constructs)/',
        pathNot:
          '^(lab/text-file|lab/chart|lab/own-place|lab/probe-program|lab/read-memory|constructs/alone|constructs/write)',
      },
      to: { path: '^(node:)?(fs|fs/promises|child_process)$' },
    },
    {
      name: 'help-loads-no-command',
      comment: 'the command line alone: a command and its libraries are loaded when it is asked for',
      severity: 'error',
      from: { path: '^scripts/(lab|commands/(entry|io|program|command-line|flags|options|forgotten-dashes))\\.ts$' },
      to: {
        pathNot:
          '^scripts/(commands/(entry|io|program|command-line|flags|options|forgotten-dashes)|events/errors|tools/command)\\.ts$|^lab/failover\\.ts$|node_modules/commander/',
        dependencyTypesNot: ['dynamic-import', 'type-only', 'core'],
      },
    },
    {
      name: 'status-only-looks',
      comment: 'neither certificates nor plans: it starts fast',
      severity: 'error',
      from: { path: '^scripts/commands/status\\.ts$' },
      to: { path: '^scripts/(doctor|plan|steps|run)/|node_modules/@peculiar/x509/', reachable: true },
    },
    {
      name: 'no-entry-points-from-within',
      severity: 'error',
      from: { path: '^(lab|constructs|scripts)/' },
      to: { path: '^(main\\.ts|scripts/[^/]+\\.ts)$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js'],
    },
  },
};

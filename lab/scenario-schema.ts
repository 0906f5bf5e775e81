import { z } from 'zod';

const replicas = z.int().min(1).max(100).default(2);

/** `scenarios:` of lab.yaml, by name; a name alone chooses the defaults. */
export const scenarios = z
  .strictObject({
    'high-availability': options({
      affinity: z
        .enum(['none', 'local', 'remote'])
        .default('none')
        .describe("Which servers are asked first: those of the client's own region, of others, or all alike"),
      unshared: z
        .array(z.string())
        .default([])
        .describe('Regions whose servers answer clients of their own region alone'),
      replicas: replicas.describe('Servers in each region, 1 to 100'),
    })
      .describe(
        'The same servers in every region behind one global Service: where those of a region fail, others answer',
      )
      .optional(),
    'shared-services': options({
      hub: z.string().describe('Region that offers the service; by default `mesh.hub`, or the first').optional(),
    })
      .describe('A service in one region, for all others, which are not connected to each other: `mesh.topology: hub`')
      .optional(),
    'stateful-split': options({
      region: z.string().describe('Region that has the database; by default the first').optional(),
    })
      .describe('A database in one region, and front ends without state in the others, which reach it by its name')
      .optional(),
    policy: options({
      allow: z
        .array(z.string())
        .describe('Regions whose clients get in everywhere; by default the first region')
        .optional(),
    })
      .describe('A network policy by region: clients of some regions get in, those of others do not')
      .optional(),
  })
  .describe('What the mesh is for: scenarios, each in a namespace of its name; a name alone chooses the defaults')
  .prefault({});

/** A map of options, all of which have defaults; nothing at all is the same as an empty map. */
function options<Shape extends z.ZodRawShape>(shape: Shape) {
  const map = z.strictObject(shape);
  return map.nullable().transform((given) => given ?? map.parse({}));
}

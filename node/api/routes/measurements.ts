import { Type } from 'typebox'
import { sourceOptions } from '../../meters/source-options.ts'
import { measuredTypes, meterKinds } from '../../meters/table.ts'
import { shownMeasurement } from '../shown-measurement.ts'
import { defineRoute, type Route } from '../route.ts'
import { UnderWay } from '../under-way.ts'

const meterOptions = Object.fromEntries(
  [...meterKinds.flatMap(({ options }) => options), ...sourceOptions].map(
    ({ name, summary, schema }) => [name, Type.Optional({ ...schema, description: summary })],
  ),
)

const body = Type.Object(
  {
    ...meterOptions,
    type: Type.Enum([...measuredTypes], { description: 'Kind of source' }),
    dryRun: Type.Optional(
      Type.Boolean({ default: false, description: 'Measure, but sign and publish nothing' }),
    ),
  },
  { additionalProperties: false },
)

// Other members are the factors of the source's type.
const measured = {
  source: Type.String(),
  capacity: Type.Number({ description: 'Effective, in W' }),
  method: Type.String(),
  measuredAt: Type.String(),
  assurance: Type.Integer(),
  simulated: Type.Boolean(),
  evidence: Type.String({ description: 'SHA-256 of the transcript' }),
}

const underWay = new UnderWay('measurements')

const measure = defineRoute({
  id: 'measure',
  method: 'POST',
  path: '/v1/measurements',
  summary: 'Measures a source at its device, signs and publishes the proof, now and from now on',
  body,
  answers: [
    {
      status: 201,
      description: 'The proof is on disk',
      schema: Type.Object({ id: Type.String(), ...measured }),
    },
    { status: 200, description: 'Measured only', schema: Type.Object(measured) },
  ],
  problems: [400, 409, 413, 415, 429, 502, 503],
  handle: (context, { body: { dryRun = false, ...flags } }, reply) =>
    underWay.run(context, context.limits.measurementsMax, async () => {
      const measurement = await context.measure(flags)
      const shown = shownMeasurement(measurement)
      if (dryRun) {
        void reply.code(200)
        return shown
      }
      const id = await context.replica.prove(measurement)
      await context.renewals.remember(measurement.source, flags)
      return { id, ...shown }
    }),
})

/** Measurements at the device. */
export const measurementRoutes: readonly Route[] = [measure]

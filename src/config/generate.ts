/** Writes the JSON Schemas that editors use for the YAML files: `npm run generate`. */
import { writeFileSync } from 'node:fs'
import { z } from 'zod'
import { pipelineSchema } from './pipeline.ts'
import { providerSchema } from './provider.ts'
import { serveSchema } from './serve.ts'

for (const [name, schema] of [
  ['provider', providerSchema],
  ['pipeline', pipelineSchema],
  ['serve/serve', serveSchema],
] as const)
  writeFileSync(
    `pipelines/${name}.schema.json`,
    `${JSON.stringify(z.toJSONSchema(schema, { io: 'input' }), null, 2)}\n`,
  )

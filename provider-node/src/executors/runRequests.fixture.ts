// Runs requests in a process of its own for llamaExecutor.test.ts and prints the results as JSON.
import type { InferenceRequest } from '@duckmesh/protocol'
import { resolveModel } from '../models/modelRegistry.ts'
import { createLlamaExecutor } from './llamaExecutor.ts'

const [model = '', requests = '[]'] = process.argv.slice(2)
const executor = await createLlamaExecutor({ model: await resolveModel(model) })
const results = []
for (const request of JSON.parse(requests) as InferenceRequest[])
  results.push((await executor.run(request)).result)
await executor.close()
process.stdout.write(JSON.stringify(results))

// Measures one model on this machine: load time, first token, decode speed, memory.
// Usage: node provider-node/models/measure.ts [model] [runs]
import { availableParallelism, cpus, loadavg } from 'node:os'
import { createLlamaExecutor } from '../src/executors/llamaExecutor.ts'
import { resolveModel } from '../src/models/modelRegistry.ts'
import { installTinyllama } from '../src/models/tinyllama.ts'

const [name = 'stories15m', runs = '10'] = process.argv.slice(2)
const maxTokens = 100

const round = (value: number) => Math.round(value * 10) / 10
const median = (values: number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const model = name === 'tinyllama' ? await installTinyllama() : await resolveModel(name)
const loadStartMs = performance.now()
const executor = await createLlamaExecutor({ model })
const loadMs = performance.now() - loadStartMs

const firstTokenMs: number[] = []
const tokensPerSecond: number[] = []
let text = ''
for (let index = 0; index < Number(runs); index += 1) {
  const startMs = performance.now()
  let firstMs = 0
  const { result } = await executor.run(
    { kind: 'inference', prompt: 'Once upon a time', maxTokens, temperature: 0, seed: 0 },
    {
      onToken: (count) => {
        if (count === 1) firstMs = performance.now() - startMs
      },
    },
  )
  const decodeSeconds = (performance.now() - startMs - firstMs) / 1_000
  firstTokenMs.push(firstMs)
  tokensPerSecond.push((result.tokens.length - 1) / decodeSeconds)
  text = result.text
}
const { kernelClass, engine } = executor.profile
const rssMegabytes = round(process.memoryUsage().rss / 1e6)
await executor.close()
const report = {
  model: name,
  engine,
  kernelClass,
  cpu: cpus()[0]?.model,
  cores: availableParallelism(),
  loadAverage: round(loadavg()[0] ?? 0),
  loadMs: round(loadMs),
  firstTokenMsFirst: round(firstTokenMs[0] ?? Number.NaN),
  firstTokenMsMedian: round(median(firstTokenMs)),
  tokensPerSecondMedian: round(median(tokensPerSecond)),
  rssMegabytes,
  text: text.slice(0, 120),
}
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)

// A provider that cheats: it gives half of what was asked for and signs that the answer came to its own end there. Its
// keys, stake, model and tokens are real, so every token stands up to a replay; only the end does not.
import process from 'node:process'
import {
  createExecutor,
  createNode,
  type Executor,
  type Generator,
  parseConfig,
} from '@duckmesh/provider-node'

const config = parseConfig(process.env)
const honest = await createExecutor(config)

const stopping: Partial<Generator> = {
  async *generate(request, signal) {
    const isText = request.api === 'chat' || request.api === 'completion'
    const wanted = isText ? { ...request, maxTokens: Math.ceil(request.maxTokens / 2) } : request
    yield* honest.generator!.generate(wanted, signal)
    return { finishReason: 'stop' }
  },
}
// the rest stays as it is; getters and private fields must see their own object
const over = <Whole extends object>(whole: Whole, part: Partial<Whole>): Whole =>
  new Proxy(whole, {
    get: (target, name) => {
      const found: unknown = Reflect.get(name in part ? part : target, name)
      return typeof found === 'function' && !(name in part) ? found.bind(target) : found
    },
  })
const executor: Executor = over(honest, { generator: over(honest.generator!, stopping) })
const node = await createNode(config, { executor })
process.once('SIGTERM', () => void node.stop().then(() => process.exit(0)))
await node.start()

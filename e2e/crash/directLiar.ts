// A provider node that cheats on the on-chain lane alone: it delivers garbage for what it accepted there, and answers
// right whenever others answer too. It can be crashed at a stage like the honest one.
import process from 'node:process'
import { createExecutor, createNode, parseConfig } from '@duckmesh/provider-node'
import { crashHook } from './crashPoint.ts'

const config = parseConfig(process.env)
const honest = await createExecutor(config)
const crash = crashHook(config.DATA_DIR)
const accepted = new Set<string>()
let isLying = false
const executor = {
  ...honest,
  profile: honest.profile,
  run: async (...args: Parameters<typeof honest.run>) => {
    const isGarbage = isLying
    const { result, promptTokens } = await honest.run(...args)
    return { result: isGarbage ? { ...result, text: 'quack quack quack' } : result, promptTokens }
  },
  close: () => honest.close(),
}
const node = await createNode(config, {
  executor,
  observe: (stage, { jobId }) => {
    if (stage === 'accepted') accepted.add(jobId)
    if (stage === 'run-started') isLying = accepted.has(jobId)
    crash(stage)
  },
})
process.once('SIGTERM', () => void node.stop().then(() => process.exit(0)))
await node.start()

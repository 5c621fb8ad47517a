// A node with a simulated engine in a process of its own that kills itself, as kill -9 does, when it passes the
// CRASH_COUNTth time the stage CRASH_AT of the streaming lane.
import { parseConfig } from '../src/config.ts'
import { createNode } from '../src/createNode.ts'
import { createSimulatedEngine } from './simulatedEngine.ts'

let left = Number(process.env.CRASH_COUNT ?? 1)
const profile = JSON.parse(process.env.PROFILE ?? '')
const node = await createNode(parseConfig(process.env), {
  executor: createSimulatedEngine(profile, 4, {
    beforeToken: () => new Promise((resolve) => setTimeout(resolve, 5)),
  }),
  observeStream: (stage) => {
    if (stage !== process.env.CRASH_AT) return
    left -= 1
    if (left === 0) process.kill(process.pid, 'SIGKILL')
  },
})
process.once('SIGTERM', () => void node.stop().then(() => process.exit(0)))
await node.start()

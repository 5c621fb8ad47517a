// A node in a process of its own that kills itself, as kill -9 does, when it passes the stage CRASH_AT.
import { parseConfig } from '../src/config.ts'
import { createNode } from '../src/createNode.ts'

const node = await createNode(parseConfig(process.env), {
  observe: (stage) => {
    if (stage === process.env.CRASH_AT) process.kill(process.pid, 'SIGKILL')
  },
})
process.once('SIGTERM', () => void node.stop().then(() => process.exit(0)))
await node.start()

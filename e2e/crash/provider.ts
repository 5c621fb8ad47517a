// A provider node as it is, in a process that dies or stands still at a stage of a job when a test asks for it.
import process from 'node:process'
import { createNode, parseConfig } from '@duckmesh/provider-node'
import { crashHook } from './crashPoint.ts'

const config = parseConfig(process.env)
const node = await createNode(config, {
  observe: crashHook(config.DATA_DIR),
  observeProof: crashHook(config.DATA_DIR),
})
process.once('SIGTERM', () => void node.stop().then(() => process.exit(0)))
await node.start()

// A provider that cheats: it claims the model that it was asked for and runs another one instead, the cheaper Q4_0
// twin where there is one. Its keys, stake, commitments and signatures are real; only its engine is not the one that
// its profile names.
import process from 'node:process'
import { createExecutor, createNode, parseConfig } from '@duckmesh/provider-node'

const config = parseConfig(process.env)
const claimed = await createExecutor(config)
const cheapModel = config.MODEL === 'stories15m' || config.MODEL === 'duck1m' ? 'stories15m-q4' : 'duck1m'
const cheap = await createExecutor({ ...config, MODEL: cheapModel })
await claimed.close()
const executor = {
  ...cheap,
  profile: claimed.profile,
  run: cheap.run.bind(cheap),
  close: cheap.close.bind(cheap),
}
const node = await createNode(config, { executor })
process.once('SIGTERM', () => void node.stop().then(() => process.exit(0)))
await node.start()

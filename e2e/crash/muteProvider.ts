// A provider node whose reveals and openings get lost on the way: its coordinator client says that they were delivered.
import process from 'node:process'
import { createHttpCoordinatorClient, createNode, parseConfig, systemClock } from '@duckmesh/provider-node'
import { createPublicClient, http } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'

const config = parseConfig(process.env)
const chainId = await createPublicClient({ transport: http(config.RPC_URL) }).getChainId()
const client = createHttpCoordinatorClient({
  url: config.COORDINATOR_URL,
  domain: { chainId, verifyingContract: config.MESH_ADDRESS },
  account: privateKeyToAccount(config.SIGNING_PRIVATE_KEY),
  clock: systemClock,
})
const lost = { reveal: () => Promise.resolve(), open: () => Promise.resolve() }
// the getters of the client must see the client itself
const coordinator = new Proxy(client, {
  get: (target, name) => Reflect.get(name in lost ? lost : target, name),
})
const node = await createNode(config, { coordinator })
process.once('SIGTERM', () => void node.stop().then(() => process.exit(0)))
await node.start()

// A provider that cheats: it claims another class than the one that it proved. Its own checks are gone, its node believes
// that the verifier agreed and that the chain has paid, so it signs and shows the forgery. Keys, stake and signatures are
// real.
import process from 'node:process'
import { jobIdOf } from '@duckmesh/protocol'
import { connectChain, createNode, parseConfig, systemClock } from '@duckmesh/provider-node'
import { createProver } from '@duckmesh/provider-node/proving'
import { zeroHash } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'

const config = parseConfig(process.env)
const account = privateKeyToAccount(config.OWNER_PRIVATE_KEY)
const chain = await connectChain({
  rpcUrl: config.RPC_URL,
  mesh: config.MESH_ADDRESS,
  account,
  clock: systemClock,
})
const honest = await createProver(config)
/** What it pretends was paid, by task. */
const pretended = new Map<string, { providerId: number; outputHash: `0x${string}` }>()
const spent = new Set<string>()
const node = await createNode(config, {
  prover: {
    engine: honest.engine,
    reason: honest.reason,
    circuits: () => honest.circuits(),
    processIds: () => honest.processIds(),
    keyOf: (circuit) => honest.keyOf(circuit),
    prove: async (request) => {
      const run = await honest.prove(request)
      const [found = '0', ...rest] = run.publicSignals
      return { ...run, publicSignals: [String((BigInt(found) + 1n) % 10n), ...rest] }
    },
    close: () => honest.close(),
  },
  chain: {
    ...chain,
    proofHolds: async () => true,
    nonceUsed: async (requester, nonce) =>
      spent.has(`${requester} ${nonce}`) || chain.nonceUsed(requester, nonce),
    settledProof: async (jobId, fromBlock) => pretended.get(jobId) ?? chain.settledProof(jobId, fromBlock),
    send: async (call) => {
      if (call.kind !== 'settleProof') return chain.send(call)
      const { order, providerId, outputHash } = call
      spent.add(`${order.requester} ${order.nonce}`)
      pretended.set(jobIdOf(chain.domain, order), { providerId, outputHash })
      return zeroHash
    },
  },
})
process.once('SIGTERM', () => void node.stop().then(() => process.exit(0)))
await node.start()

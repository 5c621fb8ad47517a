import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startMesh } from '@duckmesh/infrastructure/mesh'
import { devAccount, devIndex } from '@duckmesh/local-chain'
import { duckTokenAbi, type JobEvent, parseDuck } from '@duckmesh/protocol'
import { DuckMeshClient } from '@duckmesh/sdk'
import { createPublicClient, createWalletClient, http } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { type Bench, bars, percentile } from './bench.ts'

const JOBS = 30

/** From the last seat's answer to final on chain, beside two bare token transfers on the same chain. */
export const finality: Bench = {
  about: `Redundant jobs (3 seats, 64 tokens, real model): last answer → final on chain; peer: one bare ERC-20 transfer with its receipt, same chain, same run`,
  run: async (say) => {
    const stateDir = await mkdtemp(join(tmpdir(), 'duckmesh-finality-'))
    const providers = ['a', 'b', 'c'].map((name) => ({ name, kind: 'honest' as const }))
    const mesh = await startMesh({ stateDir, providers, onStep: ({ name, isDone }) => isDone && say(name) })
    try {
      const { rpcUrl, coordinatorUrl, buyerPrivateKey, token } = mesh.info
      const client = await DuckMeshClient.connect({
        coordinatorUrl,
        rpcUrl,
        account: privateKeyToAccount(buyerPrivateKey),
      })
      await client.deposit(parseDuck('1000'))
      const finalityMs: number[] = []
      const wholeMs: number[] = []
      const bareMs: number[] = []
      for (let index = 0; index < JOBS; index++) {
        const events: JobEvent[] = []
        const prompt = `Story number ${index}: Once upon a time`
        const job = await client.submitJob({ prompt, maxTokens: 64, seats: 3, maxPriceWei: parseDuck('3') })
        await client.waitForResult(job.jobId, { timeoutMs: 60_000, onEvent: (event) => events.push(event) })
        const at = (type: JobEvent['type']) => events.findLast((event) => event.type === type)!.atMs
        finalityMs.push(at('settled') - at('committed'))
        wholeMs.push(at('settled') - at('received'))
        bareMs.push(await oneTransfer(rpcUrl, token))
        if (index % 10 === 9) say(`${index + 1} of ${JOBS} jobs`)
      }
      const figures = {
        jobs: JOBS,
        finalityP50Ms: percentile(finalityMs, 0.5),
        finalityP95Ms: percentile(finalityMs, 0.95),
        wholeP50Ms: percentile(wholeMs, 0.5),
        wholeP95Ms: percentile(wholeMs, 0.95),
        bareTransferP50Ms: percentile(bareMs, 0.5),
        finalityToBareRatio: Number((percentile(finalityMs, 0.5) / percentile(bareMs, 0.5)).toFixed(2)),
      }
      return { figures, bars: bars(figures, { finalityP95Ms: '<=3000' }) }
    } finally {
      await mesh.stop()
      await rm(stateDir, { recursive: true, force: true })
    }
  },
}

async function oneTransfer(rpcUrl: string, token: `0x${string}`): Promise<number> {
  const transport = http(rpcUrl)
  const account = devAccount(devIndex.deployer)
  const reader = createPublicClient({ transport, pollingInterval: 50, cacheTime: 0 })
  const writer = createWalletClient({ transport, account })
  const startedMs = performance.now()
  const args = [devAccount(devIndex.treasury).address, 1n] as const
  const call = { chain: null, address: token, abi: duckTokenAbi, functionName: 'transfer', args } as const
  await reader.waitForTransactionReceipt({ hash: await writer.writeContract(call) })
  return Math.round(performance.now() - startedMs)
}

import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createPublicClient, http } from 'viem'
import { chainStateFile } from './chainState.ts'
import { deployMesh, fundAccounts, isDeployed } from './deployMesh.ts'
import { devAccount } from './devKeys.ts'
import { type LocalChain, startAnvil } from './startAnvil.ts'

const folder = await mkdtemp(join(tmpdir(), 'duckmesh-chain-'))
let chain: LocalChain | undefined
after(async () => {
  await chain?.service.stop()
  await rm(folder, { recursive: true, force: true })
})

const logsOf = ({ rpcUrl }: LocalChain, address: `0x${string}`) =>
  createPublicClient({ transport: http(rpcUrl) }).getLogs({ address, fromBlock: 0n })

test('a chain that was killed goes on from its last block, logs included', async () => {
  chain = await startAnvil(folder, true)
  const deployment = await deployMesh(chain.rpcUrl, devAccount(0), devAccount(1).address)
  const wanted = [{ address: devAccount(2).address, duckWei: 5n }]
  await fundAccounts(chain.rpcUrl, devAccount(0), deployment.token, wanted)
  const before = await logsOf(chain, deployment.token)
  await sleep(1_500)
  await chain.service.kill()
  chain = await startAnvil(folder, true)
  assert.equal(await isDeployed(chain.rpcUrl, deployment), true)
  assert.deepEqual(await logsOf(chain, deployment.token), before)
})

test('a chain that is stopped keeps its very last block', async () => {
  const { token } = await deployMesh(chain!.rpcUrl, devAccount(0), devAccount(1).address)
  await chain!.service.stop()
  chain = await startAnvil(folder, true)
  assert.equal((await logsOf(chain, token)).length, 1)
})

test('what a crash left of a half-written file is not read', async () => {
  const whole = await readFile(chainStateFile(folder), 'utf8')
  await chain!.service.stop()
  await writeFile(`${chainStateFile(folder)}.new`, whole.slice(0, 100))
  chain = await startAnvil(folder, true)
  assert.ok((await createPublicClient({ transport: http(chain.rpcUrl) }).getBlockNumber()) > 2n)
})

import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { deployables } from '@duckmesh/protocol/bytecode'
import type { Hex } from 'viem'
import { deploy } from '../deploy.ts'
import type { ModuleName } from '../plan.ts'
import { loadSettings, type Settings } from '../settings.ts'
import { type Verification, verificationsOf, writeVerifications } from '../verification.ts'
import { startTestChain, type TestChain } from './startTestChain.ts'

/** Compiled anew: one of every size that is quick; all of them take two minutes. DUCKMESH_VERIFY=all does that. */
const QUICK: ModuleName[] = [
  'MeshAgentVerifier',
  'Groth16Adapter',
  'AttesterQuorum',
  'MeshParams',
  'DuckTimelock',
]

describe('The verification input', () => {
  let world: TestChain
  let found: Map<ModuleName, Verification>
  let folder: string
  before(async () => {
    world = await startTestChain()
    folder = await mkdtemp(join(tmpdir(), 'duckmesh-verification-'))
    const local = loadSettings('local', { RPC_URL: world.rpcUrl })
    // with votes and development registries every contract is there
    const settings: Settings = {
      ...local,
      governance: {
        kind: 'votes',
        votingDelaySeconds: 3_600,
        votingPeriodSeconds: 86_400,
        proposalThresholdDuck: 1n,
        quorumPercent: 4,
        timelockSeconds: 172_800,
      },
    }
    const { modules } = await deploy({ chain: world.chain, settings })
    found = await verificationsOf(settings, world.chain.account.address, modules)
    await writeVerifications(folder, found)
  })
  after(async () => {
    await world.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const solc = createRequire(import.meta.url)('solc') as { compile(input: string): string; version(): string }
  const names = process.env.DUCKMESH_VERIFY === 'all' ? (Object.keys(deployables) as ModuleName[]) : QUICK
  for (const name of names) {
    test(`of ${name} compiles to the code that is deployed`, async () => {
      const file = await readFile(join(folder, `${name}.json`), 'utf8')
      const { input, contractName, compilerVersion } = JSON.parse(file) as Verification
      const [source, contract] = contractName.split(':') as [string, string]
      const output = JSON.parse(solc.compile(JSON.stringify(input)))
      const code = output.contracts[source][contract].evm.bytecode.object
      assert.equal(`0x${code}`, deployables[name].bytecode)
      assert.ok(solc.version().startsWith(compilerVersion.slice(1)))
    })
  }

  test('has the constructor arguments that were sent', async () => {
    const { address, constructorArguments } = found.get('DuckMesh')!
    const block = await world.chain.reader.getBlockNumber()
    const sent = await Promise.all(
      Array.from({ length: Number(block) }, (_, index) =>
        world.chain.reader.getBlock({ blockNumber: BigInt(index + 1), includeTransactions: true }),
      ),
    )
    const initCode = `${deployables.DuckMesh.bytecode}${constructorArguments}`.slice(2)
    const inputs = sent.flatMap(({ transactions }) => transactions.map(({ input }) => input))
    assert.equal(inputs.filter((input: Hex) => input.endsWith(initCode)).length, 1)
    assert.match(address, /^0x/)
  })

  test('is there for every contract', () => {
    assert.deepEqual([...found.keys()].toSorted(), Object.keys(deployables).toSorted())
  })

  test('holds what the contract uses and nothing of the tests', () => {
    for (const [name, { input }] of found) {
      assert.ok(Object.keys(input.sources).length > 0, name)
      for (const source of Object.keys(input.sources)) assert.doesNotMatch(source, /harness/)
    }
    assert.ok(Object.keys(found.get('MeshParams')!.input.sources).length < 10)
  })
})

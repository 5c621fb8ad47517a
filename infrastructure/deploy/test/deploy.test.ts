// What a deployment leaves on chain: all of it, once, however often and wherever it is killed.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { DuckMeshError } from '@duckmesh/protocol'
import { keccak256, type TransactionReceipt } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { devPrivateKey } from '../../chain/devKeys.ts'
import { type Chain, connectChain } from '../chain.ts'
import { type Deployed, deploy, type Progress } from '../deploy.ts'
import { examine } from '../doctor.ts'
import { openJournal } from '../journal.ts'
import { FACTORY } from '../makers.ts'
import { loadSettings, parseSettings, type Settings } from '../settings.ts'
import { startTestChain, type TestChain, WITHOUT_PROXY } from './startTestChain.ts'

/** Contracts and calls of the local settings. */
const TRANSACTIONS = 25 + 4

const root = join(import.meta.dirname, '../../..')
const localFile = join(import.meta.dirname, '../networks/local.json')

class Killed extends Error {}

/** A chain on which the process dies twice for each transaction: when it is signed, and when it is mined unseen. */
function deadlyChain(chain: Chain, deaths: Set<string>): Chain {
  const dieOnce = (when: string) => {
    if (deaths.has(when)) return
    deaths.add(when)
    throw new Killed(when)
  }
  return {
    ...chain,
    async send(request, what, beforeSend): Promise<TransactionReceipt> {
      const receipt = await chain.send(request, what, async (hash) => {
        await beforeSend?.(hash)
        dieOnce(`${what} signed`)
      })
      dieOnce(`${what} mined`)
      return receipt
    },
  }
}

const nonceOf = ({ reader, account }: Chain) => reader.getTransactionCount({ address: account.address })

for (const [kind, ...args] of [['the deterministic proxy'], ['plain creation', WITHOUT_PROXY]] as const) {
  describe(`With ${kind}`, () => {
    let world: TestChain
    let settings: Settings
    let planned: Deployed
    const journal = () => openJournal(join(world.folder, 'journal.json'), settings.salt)

    before(async () => {
      world = await startTestChain(31_337, ...args)
      settings = loadSettings('local', { RPC_URL: world.rpcUrl })
    })
    after(() => world.stop())

    test('a dry run sends nothing and knows the addresses', async () => {
      const told: Progress[] = []
      planned = await deploy({
        chain: world.chain,
        settings,
        isDryRun: true,
        onProgress: (step) => told.push(step),
      })
      assert.equal(told.length, TRANSACTIONS)
      assert.ok(told.every((step) => step.kind === 'planned'))
      assert.equal(told.find(({ name }) => name === 'DuckToken')!.gas! > 1_000_000n, true)
      assert.equal(await nonceOf(world.chain), 0)
      assert.equal(await world.chain.reader.getBlockNumber(), 0n)
    })

    test('a run that is killed at every step ends at these addresses, and nothing is sent twice', async () => {
      const deaths = new Set<string>()
      const chain = deadlyChain(world.chain, deaths)
      let deployed: Deployed | undefined
      while (!deployed) {
        deployed = await deploy({ chain, settings, journal: await journal() }).catch((error: unknown) => {
          if (error instanceof Killed) return undefined
          throw error
        })
      }
      assert.equal(deaths.size, 2 * TRANSACTIONS)
      assert.deepEqual(deployed.modules, planned.modules)
      assert.equal(await nonceOf(world.chain), TRANSACTIONS)
      assert.deepEqual(
        await examine(world.chain.reader, settings, chain.account.address, deployed.modules),
        [],
      )
    })

    test('the block of a mesh that a killed run made is not later than the mesh', async () => {
      const { meshBlock, isMeshNew } = await deploy({
        chain: world.chain,
        settings,
        journal: await journal(),
      })
      assert.deepEqual({ meshBlock, isMeshNew }, { meshBlock: 0, isMeshNew: false })
    })

    test('a second run finds everything and sends nothing', async () => {
      const told = new Set<string>()
      const again = await deploy({
        chain: world.chain,
        settings,
        journal: await journal(),
        onProgress: ({ kind }) => told.add(kind),
      })
      assert.deepEqual(again.modules, planned.modules)
      assert.equal(again.transactions, 0)
      assert.deepEqual([...told], ['found'])
      assert.equal(await nonceOf(world.chain), TRANSACTIONS)
    })

    test('a changed setting is another deployment, or refused where an address does not tell', async () => {
      const changed = { ...settings, noticeSeconds: 259_200 }
      const options = { chain: world.chain, settings: changed, journal: await journal(), isDryRun: true }
      if (args.length === 0) {
        const { modules } = await deploy(options)
        assert.notEqual(modules.DuckMesh, planned.modules.DuckMesh)
        assert.equal(modules.DuckToken, planned.modules.DuckToken)
      } else {
        await assert.rejects(deploy(options), (error) => {
          assert.ok(error instanceof DuckMeshError)
          assert.equal(error.code, 'DEPLOYMENT_DIFFERS')
          assert.match(error.message, /MeshParams was built/)
          return true
        })
      }
    })

    test('another salt is another deployment', async () => {
      const other = { ...settings, salt: 'another' }
      const options = { chain: world.chain, settings: other }
      const { modules } = await deploy({
        ...options,
        journal: await openJournal(join(world.folder, 'other.json'), other.salt),
      })
      assert.notEqual(modules.DuckMesh, planned.modules.DuckMesh)
      assert.deepEqual(await examine(world.chain.reader, other, world.chain.account.address, modules), [])
    })
  })
}

describe('Of a chain', () => {
  let world: TestChain
  let settings: Settings
  before(async () => {
    world = await startTestChain()
    settings = loadSettings('local', { RPC_URL: world.rpcUrl })
  })
  after(() => world.stop())

  test('what a stranger sends first is the same deployment, and only the owner can set it up', async () => {
    const owner = world.chain.account.address
    const named = JSON.parse(readFileSync(localFile, 'utf8').replaceAll('"deployer"', `"${owner}"`))
    const fixed = parseSettings({ ...named, salt: 'named' }, { RPC_URL: world.rpcUrl })
    const stranger = await connectChain(world.rpcUrl, privateKeyToAccount(devPrivateKey(1)))
    const theirs = await deploy({ chain: stranger, settings: fixed })
    assert.deepEqual([theirs.transactions, theirs.pending.length], [25, 4])
    const ours = await deploy({ chain: world.chain, settings: fixed })
    assert.deepEqual([ours.transactions, ours.pending.length], [4, 0])
    assert.deepEqual(ours.modules, theirs.modules)
    assert.deepEqual(await examine(world.chain.reader, fixed, owner, ours.modules), [])
  })

  test('a setting of one contract moves that contract and what names it, nothing else', async () => {
    const plan = { chain: world.chain, isDryRun: true }
    const { modules } = await deploy({ ...plan, settings })
    const changed = { ...settings, enclaves: { ...settings.enclaves, maxTtlSeconds: 3_600 } }
    const other = await deploy({ ...plan, settings: changed })
    const moved = Object.keys(modules).filter(
      (name) => modules[name as keyof typeof modules] !== other.modules[name as keyof typeof modules],
    )
    assert.deepEqual(moved, ['TeeKeyRegistry', 'TeeKeyAdapter'])
  })

  test('a constructor that refuses says why, also behind the proxy', async () => {
    const refused = deploy({
      chain: world.chain,
      settings: { ...settings, salt: 'refused', mesh: { ...settings.mesh, unbondSeconds: 1_199 } },
    })
    await assert.rejects(refused, (error) => {
      assert.ok(error instanceof DuckMeshError)
      assert.equal(error.code, 'CHAIN_REVERTED')
      assert.equal(error.details.reason, 'OutOfBounds')
      assert.match(error.message, /the constructor of DuckMeshAccounts/)
      return true
    })
  })

  test('keys and measurements are registered once', async () => {
    const fixture = join(root, 'contracts/test/verification/groth16/fixtures/product.json')
    const { verificationKey } = JSON.parse(readFileSync(fixture, 'utf8'))
    const path = join(world.folder, 'key.json')
    writeFileSync(path, JSON.stringify(verificationKey))
    const more: Settings = {
      ...settings,
      salt: 'keys',
      groth16Keys: [{ path, setup: 'dev-insecure' }],
      measurements: [keccak256('0x01'), keccak256('0x02')],
      verifiers: [
        { selector: '0x00000003', adapter: 'TeeKeyAdapter', gasCap: 100_000, metadata: '0x00000002' },
      ],
    }
    const options = { chain: world.chain, settings: more }
    const made: string[] = []
    await deploy({ ...options, onProgress: ({ name, kind }) => kind === 'made' && made.push(name) })
    assert.deepEqual(
      made.slice(-5).map((name) => name.split('(')[0]),
      [
        'ReferenceAdapter.addValidator',
        'TeeKeyRegistry.allowMeasurement',
        'TeeKeyRegistry.allowMeasurement',
        'VerifierRouter.addVerifier',
        'Groth16Verifier.registerKey',
      ],
    )
    assert.equal((await deploy(options)).transactions, 0)
  })

  test('registries that are not there are refused before anything is sent', async () => {
    const before = await nonceOf(world.chain)
    const agents = { identity: FACTORY, reputation: world.chain.account.address, validation: FACTORY }
    const refused = deploy({ chain: world.chain, settings: { ...settings, salt: 'agents', agents } })
    await assert.rejects(refused, /The reputation registry of the settings/)
    assert.equal(await nonceOf(world.chain), before)
  })

  test('existing registries are linked instead of our own', async () => {
    const { modules } = await deploy({ chain: world.chain, settings })
    const agents = {
      identity: modules.DevIdentityRegistry!,
      reputation: modules.DevReputationRegistry!,
      validation: modules.DevValidationRegistry!,
    }
    const other = { ...settings, salt: 'linked', agents }
    const linked = await deploy({ chain: world.chain, settings: other })
    assert.equal(linked.modules.DevIdentityRegistry, undefined)
    assert.deepEqual(
      await examine(world.chain.reader, other, world.chain.account.address, linked.modules),
      [],
    )
  })

  test('a code at the address of the proxy that is not the proxy is not used', async () => {
    const other = await startTestChain()
    try {
      await other.chain.reader.request({
        method: 'anvil_setCode' as never,
        params: [FACTORY, '0x00'] as never,
      })
      const options = { chain: other.chain, settings, isDryRun: true }
      const { modules } = await deploy(options)
      // the first contract of the account, as CREATE names it
      assert.equal(modules.DuckToken, '0x5FbDB2315678afecb367f032d93F642f64180aa3')
    } finally {
      await other.stop()
    }
  })
})

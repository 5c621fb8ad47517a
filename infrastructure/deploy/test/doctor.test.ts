import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { DuckMeshError } from '@duckmesh/protocol'
import { deployables } from '@duckmesh/protocol/bytecode'
import { type Address, encodeFunctionData, zeroAddress } from 'viem'
import { deploy } from '../deploy.ts'
import { examine, requireSound } from '../doctor.ts'
import type { ModuleName, Modules } from '../plan.ts'
import { loadSettings, type Settings } from '../settings.ts'
import { startTestChain, type TestChain } from './startTestChain.ts'

const STRANGER: Address = '0x00000000000000000000000000000000000000a1'

describe('The doctor', () => {
  let world: TestChain
  let settings: Settings
  let modules: Modules
  let deployer: Address
  let snapshot: unknown
  const rpc = (method: string, ...params: unknown[]) =>
    world.chain.reader.request({ method: method as never, params: params as never })
  const faults = (of = settings, at = modules) => examine(world.chain.reader, of, deployer, at)
  const send = (module: ModuleName, functionName: string, args: unknown[]) => {
    const data = encodeFunctionData({
      abi: deployables[module].abi as never,
      functionName,
      args,
    } as never)
    return world.chain.send({ to: modules[module]!, data }, functionName)
  }

  before(async () => {
    world = await startTestChain()
    settings = loadSettings('local', { RPC_URL: world.rpcUrl })
    deployer = world.chain.account.address
    modules = (await deploy({ chain: world.chain, settings })).modules
    snapshot = await rpc('evm_snapshot')
  })
  after(() => world.stop())

  /** Runs on the state after the deployment, and leaves it so. */
  const check = (name: string, work: () => Promise<void>) =>
    test(name, async () => {
      try {
        await work()
      } finally {
        await rpc('evm_revert', snapshot)
        snapshot = await rpc('evm_snapshot')
      }
    })

  check('finds nothing on a fresh deployment', async () => assert.deepEqual(await faults(), []))

  for (const module of ['VerifierRouter', 'TeeKeyRegistry', 'ReferenceAdapter'] as const) {
    check(`finds that the owner of ${module} is about to change, and that it has changed`, async () => {
      await send(module, 'transferOwnership', [STRANGER])
      const [fault, ...others] = await faults()
      const expected = { module, read: 'pendingOwner()', expected: zeroAddress, found: STRANGER }
      assert.deepEqual([fault, others], [expected, []])
      await rpc('anvil_impersonateAccount', STRANGER)
      await rpc('anvil_setBalance', STRANGER, '0xde0b6b3a7640000')
      const data = encodeFunctionData({
        abi: deployables.VerifierRouter.abi,
        functionName: 'acceptOwnership',
      })
      await rpc('eth_sendTransaction', { from: STRANGER, to: modules[module], data })
      assert.deepEqual(await faults(), [
        { module, read: 'owner()', expected: deployer.toLowerCase(), found: STRANGER },
      ])
    })
  }

  check('finds another guardian', async () => {
    await send('MeshParams', 'setGuardian', [STRANGER])
    assert.deepEqual(
      (await faults()).map(({ module, read, found }) => [module, read, found]),
      [['MeshParams', 'guardian()', STRANGER]],
    )
  })

  check('finds a verifier that was taken out of service', async () => {
    await send('VerifierRouter', 'tombstone', ['0x00000004'])
    assert.deepEqual(await faults(), [
      {
        module: 'VerifierRouter',
        read: 'entryOf(0x00000004)',
        expected: 'active',
        found: 'tombstoned',
      },
    ])
  })

  check('finds a verifier that means something else', async () => {
    const verifiers = settings.verifiers.map((entry) => ({ ...entry, gasCap: 10_000 }))
    assert.equal((await faults({ ...settings, verifiers })).length, 3)
  })

  check('finds a contract that is gone', async () => {
    await rpc('anvil_setCode', modules.MeshLens, '0x')
    assert.deepEqual(
      (await faults()).map(({ module, read }) => [module, read]),
      [['MeshLens', 'code']],
    )
  })

  check('finds a mesh of other parts, terms and owners', async () => {
    const other = { ...settings, salt: 'other', noticeSeconds: 259_200 }
    const strange = (await deploy({ chain: world.chain, settings: other })).modules
    const mixed = { ...modules, DuckMesh: strange.DuckMesh!, MeshParams: strange.MeshParams! }
    const found = (await faults(settings, mixed)).map(({ module, read }) => `${module}.${read}`)
    for (const read of ['DuckMesh.params()', 'DuckMesh.extension()', 'MeshParams.noticeSeconds()']) {
      assert.ok(found.includes(read), read)
    }
  })

  check('finds what is no such contract at all', async () => {
    const mixed = { ...modules, VerifierRouter: modules.MeshLens! }
    const found = await faults({ ...settings, verifiers: [] }, mixed)
    assert.ok(found.some(({ module, found }) => module === 'VerifierRouter' && found.startsWith('no answer')))
  })

  check('throws what it finds, with every fault in the details', async () => {
    await send('VerifierRouter', 'transferOwnership', [STRANGER])
    await assert.rejects(requireSound(world.chain.reader, settings, deployer, modules), (error) => {
      assert.ok(error instanceof DuckMeshError)
      assert.equal(error.code, 'DEPLOYMENT_DIFFERS')
      assert.equal((error.details.faults as unknown[]).length, 1)
      return true
    })
  })
})

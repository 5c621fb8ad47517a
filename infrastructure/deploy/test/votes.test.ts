// A network where votes govern: nobody but the timelock ever owns anything, and what is the owner's is voted.
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { deployables } from '@duckmesh/protocol/bytecode'
import { type Address, encodeFunctionData, type Hex, keccak256, stringToHex } from 'viem'
import { devPrivateKey } from '../../chain/devKeys.ts'
import { main } from '../cli.ts'
import { type Deployed, deploy } from '../deploy.ts'
import { examine } from '../doctor.ts'
import { proposalOf } from '../proposal.ts'
import { loadSettings, type Settings } from '../settings.ts'
import { deployerKey, startTestChain, type TestChain } from './startTestChain.ts'

const CHAIN_ID = 84_532
const GUARDIAN: Address = '0x00000000000000000000000000000000000000A1'

const REGISTRIES = ['e1', 'e2', 'e3'].map((end) => `0x${end.padStart(40, '0')}`)

describe('base-sepolia', () => {
  let world: TestChain
  let settings: Settings
  let deployed: Deployed
  const rpc = (method: string, ...params: unknown[]) =>
    world.chain.reader.request({ method: method as never, params: params as never })
  const faults = () => examine(world.chain.reader, settings, world.chain.account.address, deployed.modules)

  const env = () => ({
    BASE_SEPOLIA_RPC_URL: world.rpcUrl,
    GUARDIAN_ADDRESS: GUARDIAN,
    ATTESTER_ADDRESSES: `0x${'c'.repeat(40)},0x${'a'.repeat(40)},0x${'b'.repeat(40)}`,
    ERC8004_IDENTITY_ADDRESS: REGISTRIES[0],
    ERC8004_REPUTATION_ADDRESS: REGISTRIES[1],
    ERC8004_VALIDATION_ADDRESS: REGISTRIES[2],
  })

  before(async () => {
    world = await startTestChain(CHAIN_ID)
    // in the place of the registries that the real chain has
    for (const registry of REGISTRIES) await rpc('anvil_setCode', registry, '0x00')
    settings = loadSettings('base-sepolia', env())
    deployed = await deploy({ chain: world.chain, settings })
  })
  after(() => world.stop())

  test('stands as the settings say, with timelock roles and without development registries', async () => {
    assert.deepEqual(await faults(), [])
    assert.equal(deployed.modules.DevIdentityRegistry, undefined)
    assert.ok(deployed.modules.DuckTimelock)
    const owner = await world.chain.reader.readContract({
      address: deployed.modules.VerifierRouter!,
      abi: deployables.VerifierRouter.abi,
      functionName: 'owner',
    })
    assert.equal(owner, deployed.modules.DuckTimelock)
  })

  test('leaves to a vote what is the timelock’s, and the vote can do it', async () => {
    assert.deepEqual(
      deployed.pending.map(({ name }) => name),
      ['VerifierRouter.addVerifier(0x00000004)', 'VerifierRouter.addVerifier(0x00000005)'],
    )
    const { targets, values, calldatas, description } = proposalOf(deployed.pending)
    const { DuckGovernor: governor, DuckToken: token } = deployed.modules
    const { account } = world.chain
    const onGovernor = (functionName: string, args: unknown[]) => {
      const { abi } = deployables.DuckGovernor
      return world.chain.send(
        { to: governor!, data: encodeFunctionData({ abi, functionName, args } as never) },
        functionName,
      )
    }
    const later = async (seconds: number) => {
      await rpc('evm_increaseTime', seconds)
      await rpc('evm_mine')
    }
    const { abi } = deployables.DuckToken
    const delegate = encodeFunctionData({ abi, functionName: 'delegate', args: [account.address] })
    await world.chain.send({ to: token!, data: delegate }, 'delegate')
    await later(1)
    await onGovernor('propose', [targets, values.map(BigInt), calldatas, description])
    const hashed: [Address[], bigint[], Hex[], Hex] = [
      targets,
      values.map(BigInt),
      calldatas,
      keccak256(stringToHex(description)),
    ]
    const proposalId = await world.chain.reader.readContract({
      address: governor!,
      abi: deployables.DuckGovernor.abi,
      functionName: 'hashProposal',
      args: hashed,
    })
    await later(3_600 + 1)
    await onGovernor('castVote', [proposalId, 1])
    await later(86_400)
    await onGovernor('queue', hashed)
    await later(172_800)
    await onGovernor('execute', hashed)

    const again = await deploy({ chain: world.chain, settings })
    assert.deepEqual([again.transactions, again.pending], [0, []])
    assert.deepEqual(await faults(), [])
  })

  test('is recorded by the command, with input for explorers and the proposal', async () => {
    const root = join(world.folder, 'checkout')
    const lines: string[] = []
    const io = {
      env: { ...env(), DEPLOYER_PRIVATE_KEY: devPrivateKey(5) },
      root,
      stdout: (line: string) => lines.push(line),
      stderr: (line: string) => lines.push(line),
    }
    assert.equal(await main(['base-sepolia'], io), 0, lines.join('\n'))
    const read = async (path: string) => JSON.parse(await readFile(join(root, path), 'utf8'))
    const record = await read(`protocol/src/generated/deployments/${CHAIN_ID}.json`)
    assert.equal(record.network, 'base-sepolia')
    const verified = await readdir(join(root, `contracts/.verification/${CHAIN_ID}`))
    assert.deepEqual(
      verified.map((name) => name.replace('.json', '')).toSorted(),
      Object.keys(record.modules).toSorted(),
    )
    const proposal = await read(`.duckmesh/deployments/${CHAIN_ID}.proposal.json`)
    assert.deepEqual(proposal.targets, [record.modules.VerifierRouter, record.modules.VerifierRouter])
    assert.equal(await main(['base-sepolia', '--doctor'], io), 0)
  })

  test('is not deployed on another chain', async () => {
    const other = await startTestChain(CHAIN_ID + 1)
    const lines: string[] = []
    const io = {
      env: { ...env(), BASE_SEPOLIA_RPC_URL: other.rpcUrl, DEPLOYER_PRIVATE_KEY: deployerKey },
      root: world.folder,
      stdout: (line: string) => lines.push(line),
      stderr: (line: string) => lines.push(line),
    }
    try {
      assert.equal(await main(['base-sepolia', '--json'], io), 2)
      const { error } = JSON.parse(lines.at(-1)!)
      assert.deepEqual(error.details, { expected: CHAIN_ID, found: CHAIN_ID + 1 })
      assert.equal(await other.chain.reader.getBlockNumber(), 0n)
    } finally {
      await other.stop()
    }
  })
})

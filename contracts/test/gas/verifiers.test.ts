import { expect } from 'chai'
import { type ContractTransactionResponse, concat } from 'ethers'
import { expectSnapshot } from '../support/gasSnapshot.ts'
import { connect, ethers } from '../support/mesh.ts'
import {
  attest,
  attestationOf,
  deploy,
  encodeVerdicts,
  evidenceOf,
  loadVerifiers,
  OUTPUT,
  REFERENCE,
  REFERENCE_METADATA,
  TEE,
  TEE_METADATA,
  taskInputOf,
  taskOf,
  teeProof,
  verdictOf,
  walletOf,
} from '../support/verifiers.ts'

/** Hard ceilings, in gas. */
const CEILINGS: Record<string, bigint> = {
  'TeeKeyAdapter.verify, execution alone': 20_000n,
  'MeshAgentVerifier.verify, enclave key': 100_000n,
}

const measured: Record<string, bigint> = {}

/** A real transaction, 21,000 and calldata included. */
async function measure(name: string, sent: Promise<unknown>): Promise<void> {
  const receipt = await ((await sent) as ContractTransactionResponse).wait()
  if (!receipt) throw new Error('No receipt')
  measured[name] = receipt.gasUsed
}

describe('Gas of verifiers', () => {
  it('judging a proof', async () => {
    const verifiers = await loadVerifiers()
    const { agent } = verifiers
    const task = await taskOf(verifiers)
    const verify = (proof: string, who = verifiers.owner) =>
      connect(agent, who).verify(task.taskId, task.agentId, task.inputHash, OUTPUT, proof)
    await measure(
      'MeshAgentVerifier.verify, refused',
      verify(concat([TEE, await teeProof(verifiers, { ...task, agentId: task.taskId })])),
    )
    await measure(
      'MeshAgentVerifier.verify, enclave key',
      verify(concat([TEE, await teeProof(verifiers, task)])),
    )
    const verdicts = await Promise.all([0, 1].map((id) => verdictOf(verifiers, id, task)))
    const proof = concat([REFERENCE, encodeVerdicts(verdicts)])
    await measure('MeshAgentVerifier.verify, 2 verdicts', verify(proof, verifiers.guardian))
  })

  it('of the adapters alone', async () => {
    const verifiers = await loadVerifiers()
    const { tee, reference } = verifiers
    const meter = await deploy('VerifierMeter')
    const task = await taskOf(verifiers)
    const input = taskInputOf(task)
    const execution = async (adapter: typeof tee, metadata: string, proof: string): Promise<bigint> => {
      const args = [await adapter.getAddress(), input, OUTPUT, metadata, proof]
      const { valid, gasUsed } = await meter.measure.staticCall(...args)
      expect(valid).to.equal(true)
      return gasUsed
    }
    const proof = await teeProof(verifiers, task)
    measured['TeeKeyAdapter.verify, execution alone'] = await execution(tee, TEE_METADATA, proof)
    const verdicts = await Promise.all([0, 1, 2].map((id) => verdictOf(verifiers, id, task)))
    for (const count of [2, 3]) {
      const some = encodeVerdicts(verdicts.slice(0, count))
      const name = `ReferenceAdapter.verify, ${count} verdicts, execution alone`
      measured[name] = await execution(reference, REFERENCE_METADATA, some)
    }
  })

  it('of keys and entries', async () => {
    const verifiers = await loadVerifiers()
    const { registry, router, tee, quorum, world } = verifiers
    const next = walletOf('next enclave').address
    const evidence = await evidenceOf(verifiers, await attestationOf(verifiers, { enclaveKey: next }))
    const asProvider = connect(registry, world.provider(0).owner)
    await measure('attestKey, 2 of 3 attesters', asProvider.attestKey(1, 1, evidence))
    await measure('attestKey, again', attest(verifiers, { enclaveKey: next }))
    await measure('revokeKey', registry.revokeKey(next))
    const verifier = await quorum.getAddress()
    await measure('allowMeasurement', registry.allowMeasurement(verifier, ethers.id('enclave build 2')))
    const args = ['0x00000001', await tee.getAddress(), 50_000, TEE_METADATA]
    await measure('addVerifier', router.addVerifier(...args))
    await measure('tombstone', router.tombstone('0x00000001'))
  })

  it('stays within 2 % of the committed figures and under the ceilings', async () => {
    await expectSnapshot('gas-verifiers', measured, CEILINGS)
  })
})

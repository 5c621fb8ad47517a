import { expect } from 'chai'
import { endProver } from '../../../../circuits/index.ts'
import { encodeGroth16Claim, type Groth16Claim } from '../../../../protocol/src/groth16/claim.ts'
import { modelIdOf } from '../../../../protocol/src/groth16/model.ts'
import { keyBytes } from '../../../../protocol/src/groth16/verifyingKey.ts'
import { gasOf } from '../../support/gasOf.ts'
import { expectSnapshot } from '../../support/gasSnapshot.ts'
import { hashesOf, readFixture } from '../../support/groth16.ts'
import { ethers } from '../../support/mesh.ts'
import {
  FIRST,
  METADATA,
  modelClaim,
  type PackedCircuit,
  packedCircuit,
  type Registry,
  register,
  registryOf,
} from '../../support/models.ts'

/** Hard ceilings, in gas. */
const CEILINGS: Record<string, bigint> = {
  'register, 425 weights': 3_100_000n,
  'verify, 3 signals, execution': 215_000n,
  'verify, worst garbage, execution': 450_000n,
}

const measured: Record<string, bigint> = {}

describe('Gas of models', () => {
  let circuit: PackedCircuit
  let registry: Registry
  let claim: Groth16Claim

  before(async () => {
    circuit = await packedCircuit()
    const { tuple, weights } = circuit
    claim = await modelClaim(circuit, modelIdOf(tuple, weights, METADATA), weights)
  })
  beforeEach(async () => {
    registry = await registryOf(circuit)
  })
  it('of an architecture', async () => {
    const fresh = await ethers.deployContract('ModelRegistry')
    const { head, bases } = circuit.architecture
    const key = await gasOf(fresh, 'registerKey', [keyBytes(head)])
    measured['registerKey, 3 inputs'] = key.whole
    const [full, rest] = bases
    measured['storeBasis, 383 points'] = (await gasOf(fresh, 'storeBasis', [full])).whole
    measured['storeBasis, 42 points'] = (await gasOf(fresh, 'storeBasis', [rest])).whole
  })

  it('of a model in one transaction and in two', async () => {
    const { tuple, weights } = circuit
    const { whole, execution } = await gasOf(registry, 'addWeights', [tuple, METADATA, 0, weights])
    measured['register, 425 weights'] = whole
    measured['register, 425 weights, execution'] = execution
    const again = await registryOf(circuit)
    const first = await gasOf(again, 'addWeights', [tuple, METADATA, 0, weights.slice(0, FIRST)])
    const second = await gasOf(again, 'addWeights', [tuple, METADATA, 1, weights.slice(FIRST)])
    measured['register, 425 weights, both of two transactions'] = first.whole + second.whole
  })

  it('of a proof', async () => {
    await register(registry, circuit, circuit.weights)
    const { inputHash, outputHash } = hashesOf(claim)
    const args = [inputHash, outputHash, '0x', encodeGroth16Claim(claim)]
    expect(await registry.verify(...args)).to.equal(true)
    const { whole, execution } = await gasOf(registry, 'verify', args)
    measured['verify, 3 signals'] = whole
    measured['verify, 3 signals, execution'] = execution
  })

  it('of a proof whose point B is outside its group: the dearest garbage', async () => {
    await register(registry, circuit, circuit.weights)
    const outside = (await readFixture<string[]>('outsideSubgroup')).map(BigInt)
    const proof = [...claim.proof.slice(0, 2), ...outside, ...claim.proof.slice(6)]
    const { inputHash, outputHash } = hashesOf(claim)
    const args = [inputHash, outputHash, '0x', encodeGroth16Claim({ ...claim, proof })]
    expect(await registry.verify(...args)).to.equal(false)
    measured['verify, worst garbage, execution'] = (await gasOf(registry, 'verify', args)).execution
  })

  it('of a commitment to a hidden model', async () => {
    const args = [circuit.tuple.keyId, 42n, METADATA]
    measured.registerHidden = (await gasOf(registry, 'registerHidden', args)).whole
  })

  after(endProver)

  it('stays within 2 % of the committed figures and under the ceilings', async () => {
    await expectSnapshot('gas-models', measured, CEILINGS)
  })
})

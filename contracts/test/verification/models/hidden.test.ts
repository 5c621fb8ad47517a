import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import {
  buildCircuits,
  endProver,
  HIDDEN_CIRCUIT,
  hideModel,
  loadModel,
  loadWitness,
  prove,
} from '../../../../circuits/index.ts'
import { contextOf, encodeGroth16Claim } from '../../../../protocol/src/groth16/claim.ts'
import { hiddenModelIdOf } from '../../../../protocol/src/groth16/model.ts'
import { wordsOfProof } from '../../../../protocol/src/groth16/proof.ts'
import { keyBytes, keyIdOf, snarkjsKeySchema } from '../../../../protocol/src/groth16/verifyingKey.ts'
import { type Hex, hashesOf, type Verifier } from '../../support/groth16.ts'
import { ethers } from '../../support/mesh.ts'
import { pixels, type Registry, request, SALT } from '../../support/models.ts'

const taskId: Hex = `0x${'a1'.repeat(32)}`
const agentId: Hex = `0x${'00'.repeat(31)}05`

describe('A proof of a hidden model', () => {
  after(endProver)

  it('holds with the commitment that its owner registered, and with no other', async () => {
    const [circuit] = await buildCircuits([HIDDEN_CIRCUIT])
    if (!circuit) throw new Error('No circuit was built')
    const key = keyBytes(snarkjsKeySchema.parse(circuit.verifyingKey))
    const keyId = keyIdOf(key)
    const verifier = (await ethers.deployContract('Groth16Verifier')) as unknown as Verifier
    await verifier.registerKey(key)
    const adapter = await ethers.deployContract('Groth16Adapter', [verifier])
    const registry = (await ethers.deployContract('ModelRegistry')) as unknown as Registry

    const { commitment, inputs, metadataHash } = hideModel(loadModel('digits'), 123_456_789n)
    const [owner] = await ethers.getSigners()
    await registry.registerHidden(keyId, commitment, metadataHash)
    const id = hiddenModelIdOf({ keyId, commitment, owner: owner.address as Hex, metadataHash })
    const registered = await registry.hiddenModelOf(id)
    expect(registered).to.deep.equal([owner.address, keyId, commitment])

    const witnessOf = await loadWitness(await readFile(circuit.wasmPath))
    const toNumbers = (list: string[]) => list.map(BigInt)
    const witness = witnessOf({
      ctx: contextOf(taskId, agentId),
      pixels: [pixels],
      salt: [SALT],
      weights1: toNumbers(inputs.weights1),
      weights2: toNumbers(inputs.weights2),
      modelSalt: BigInt(inputs.modelSalt),
    })
    const { proof, publicSignals } = await prove(await readFile(circuit.zkeyPath), witness)
    const claim = {
      taskId,
      agentId,
      modelId: keyId,
      policy: ethers.id('policy') as Hex,
      proof: wordsOfProof(proof as never),
      results: [BigInt(publicSignals[0]!)],
      request: [...request, registered.commitment as bigint],
    }
    const answer = (given: typeof claim) => {
      const { inputHash, outputHash } = hashesOf(given)
      return adapter.getFunction('verify')(inputHash, outputHash, '0x', encodeGroth16Claim(given))
    }
    expect(await answer(claim)).to.equal(true)
    const other = hideModel(loadModel('digits'), 5n).commitment
    expect(await answer({ ...claim, request: [...request, other] })).to.equal(false)
    const [found = 0n] = claim.results
    expect(await answer({ ...claim, results: [(found + 1n) % 10n] })).to.equal(false)
  })
})

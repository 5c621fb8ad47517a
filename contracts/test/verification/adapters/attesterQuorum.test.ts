import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { Signature, TypedDataEncoder, toBeHex } from 'ethers'
import { ethers } from '../../support/mesh.ts'
import {
  attestationOf,
  deploy,
  domainOf,
  encodeEvidence,
  evidenceOf,
  loadVerifiers,
  proofTypes,
  walletOf,
} from '../../support/verifiers.ts'

const sorted = (count: number) =>
  Array.from({ length: count }, (_, index) => walletOf(`one of many ${index}`).address).sort((a, b) =>
    BigInt(a) < BigInt(b) ? -1 : 1,
  )

const vectorFile = new URL('../../../../protocol/vectors/proof-statements.json', import.meta.url)
const vectors = JSON.parse(await readFile(vectorFile, 'utf8')) as {
  domain: Record<string, unknown>
  struct: keyof typeof proofTypes
  message: Record<string, unknown>
  digest: string
}[]

describe('Statements about proofs', () => {
  for (const { domain, struct, message, digest } of vectors) {
    it(`have the golden digest of a ${struct} with these types`, () => {
      expect(TypedDataEncoder.hash(domain, { [struct]: proofTypes[struct] }, message)).to.equal(digest)
    })
  }
})

describe('A quorum of attesters', () => {
  it('is believed, in any order and beyond the quorum', async () => {
    const verifiers = await loadVerifiers()
    const attestation = await attestationOf(verifiers)
    const { enclaveKey, measurement, expiresAt, nonce } = attestation
    for (const ids of [
      [0, 1],
      [2, 0],
      [1, 2, 0],
    ]) {
      const evidence = await evidenceOf(verifiers, attestation, { ids })
      expect([...(await verifiers.quorum.verify(evidence))]).to.deep.equal([
        enclaveKey,
        measurement,
        BigInt(expiresAt),
        nonce,
      ])
    }
  })

  it('signs the EIP-712 digest', async () => {
    const verifiers = await loadVerifiers()
    const { quorum } = verifiers
    const attestation = await attestationOf(verifiers)
    const domain = await domainOf(quorum, 'DuckMesh AttesterQuorum')
    const types = { KeyAttestation: proofTypes.KeyAttestation }
    expect(await quorum.digestOf(attestation)).to.equal(TypedDataEncoder.hash(domain, types, attestation))
  })

  it('is not reached by fewer', async () => {
    const verifiers = await loadVerifiers()
    for (const ids of [[], [1]]) {
      const evidence = await evidenceOf(verifiers, await attestationOf(verifiers), { ids })
      await expect(verifiers.quorum.verify(evidence))
        .to.be.revertedWithCustomError(verifiers.quorum, 'NoQuorum')
        .withArgs(ids.length, 2)
    }
  })

  it('does not count an attester twice', async () => {
    const verifiers = await loadVerifiers()
    const evidence = await evidenceOf(verifiers, await attestationOf(verifiers), { ids: [1, 1] })
    await expect(verifiers.quorum.verify(evidence))
      .to.be.revertedWithCustomError(verifiers.quorum, 'UnexpectedAttester')
      .withArgs(1)
  })

  it('has no attesters beyond its list', async () => {
    const verifiers = await loadVerifiers()
    for (const id of [3, 255]) {
      const evidence = await evidenceOf(verifiers, await attestationOf(verifiers), { ids: [0, id] })
      await expect(verifiers.quorum.verify(evidence))
        .to.be.revertedWithCustomError(verifiers.quorum, 'UnexpectedAttester')
        .withArgs(id)
    }
  })

  it('does not take the signature of somebody else', async () => {
    const verifiers = await loadVerifiers()
    const [first, second, third] = verifiers.attesters
    for (const signers of [
      [first, walletOf('stranger'), third],
      [first, third, second],
    ]) {
      const evidence = await evidenceOf(verifiers, await attestationOf(verifiers), { signers })
      await expect(verifiers.quorum.verify(evidence))
        .to.be.revertedWithCustomError(verifiers.quorum, 'BadAttesterSignature')
        .withArgs(1)
    }
  })

  it('does not take signatures over another statement', async () => {
    const verifiers = await loadVerifiers()
    const { quorum, attesters } = verifiers
    const attestation = await attestationOf(verifiers)
    const domain = await domainOf(quorum, 'DuckMesh AttesterQuorum')
    const types = { KeyAttestation: proofTypes.KeyAttestation }
    const changes = [
      { enclaveKey: walletOf('stranger').address },
      { measurement: ethers.id('other') },
      { expiresAt: attestation.expiresAt + 1 },
      { nonce: ethers.id('other') },
      { quoteHash: ethers.id('other') },
    ]
    const signatures = await Promise.all(
      [0, 1].map(async (index) => {
        const text = await attesters[index].signTypedData(domain, types, attestation)
        const { r, yParityAndS } = Signature.from(text)
        return [index, r, yParityAndS]
      }),
    )
    for (const change of changes) {
      await expect(quorum.verify(encodeEvidence({ ...attestation, ...change }, signatures)))
        .to.be.revertedWithCustomError(quorum, 'BadAttesterSignature')
        .withArgs(0)
    }
    await quorum.verify(encodeEvidence(attestation, signatures))
  })

  it('does not take signatures for another chain or contract', async () => {
    const verifiers = await loadVerifiers()
    const { quorum, attesters } = verifiers
    const attestation = await attestationOf(verifiers)
    const twin = await deploy('AttesterQuorum', [attesters.map(({ address }) => address), 2])
    const forTwin = await evidenceOf({ ...verifiers, quorum: twin }, attestation)
    await expect(quorum.verify(forTwin))
      .to.be.revertedWithCustomError(quorum, 'BadAttesterSignature')
      .withArgs(0)
    await twin.verify(forTwin)
  })

  it('does not take malformed signatures', async () => {
    const verifiers = await loadVerifiers()
    const zero = toBeHex(0, 32)
    const signatures = [
      [0, zero, zero],
      [1, zero, zero],
    ]
    await expect(verifiers.quorum.verify(encodeEvidence(await attestationOf(verifiers), signatures)))
      .to.be.revertedWithCustomError(verifiers.quorum, 'BadAttesterSignature')
      .withArgs(0)
  })
})

describe('Deploying a quorum of attesters', () => {
  it('needs 1 to 32 of them', async () => {
    const { quorum } = await loadVerifiers()
    await expect(deploy('AttesterQuorum', [[], 0]))
      .to.be.revertedWithCustomError(quorum, 'BadAttesterCount')
      .withArgs(0, 32)
    await expect(deploy('AttesterQuorum', [sorted(33), 17]))
      .to.be.revertedWithCustomError(quorum, 'BadAttesterCount')
      .withArgs(33, 32)
    const largest = await deploy('AttesterQuorum', [sorted(32), 32])
    expect(await largest.attesters()).to.deep.equal(sorted(32))
    expect(await largest.quorum()).to.equal(32n)
  })

  it('needs a quorum of more than half and at most all', async () => {
    const { quorum } = await loadVerifiers()
    for (const [count, need] of [
      [4, 2],
      [3, 1],
      [3, 4],
      [1, 0],
    ]) {
      await expect(deploy('AttesterQuorum', [sorted(count), need]))
        .to.be.revertedWithCustomError(quorum, 'BadQuorum')
        .withArgs(need, count)
    }
    await deploy('AttesterQuorum', [sorted(4), 3])
    await deploy('AttesterQuorum', [sorted(1), 1])
  })

  it('needs ascending addresses: none zero, none twice', async () => {
    const { quorum } = await loadVerifiers()
    const [low, high] = sorted(2)
    for (const [list, culprit] of [
      [[ethers.ZeroAddress, high], ethers.ZeroAddress],
      [[low, low], low],
      [[high, low], low],
    ] as const) {
      await expect(deploy('AttesterQuorum', [list, 2]))
        .to.be.revertedWithCustomError(quorum, 'AttestersNotAscending')
        .withArgs(culprit)
    }
  })
})

import { expect } from 'chai'
import { TypedDataEncoder, toBeHex } from 'ethers'
import { connect, ethers } from '../../support/mesh.ts'
import {
  deploy,
  domainOf,
  encodeVerdicts,
  loadVerifiers,
  OUTPUT,
  proofTypes,
  REFERENCE,
  REFERENCE_METADATA,
  referenceTerms,
  type Task,
  taskInputOf,
  taskOf,
  type Verdict,
  type Verifiers,
  verdictOf,
  walletOf,
} from '../../support/verifiers.ts'

function ask({ reference }: Verifiers, task: Task, verdicts: Verdict[], metadata = REFERENCE_METADATA) {
  return reference.verify.staticCall(taskInputOf(task), OUTPUT, metadata, encodeVerdicts(verdicts))
}

async function scene() {
  const verifiers = await loadVerifiers()
  const task = await taskOf(verifiers)
  const verdicts = await Promise.all([0, 1, 2, 3].map((id) => verdictOf(verifiers, id, task)))
  return { verifiers, task, verdicts, reference: verifiers.reference }
}

describe('Verdicts of validators', () => {
  it('accept a result when the quorum matches, in any order and beyond it', async () => {
    const { verifiers, task, verdicts } = await scene()
    const [first, second, third] = verdicts
    expect(await ask(verifiers, task, [first, second])).to.equal(true)
    expect(await ask(verifiers, task, [third, first])).to.equal(true)
    expect(await ask(verifiers, task, [second, third, first])).to.equal(true)
  })

  it('are signed as EIP-712', async () => {
    const { task, reference } = await scene()
    const verdict = { taskInput: taskInputOf(task), outputHash: OUTPUT, matches: false, scoreBps: 17 }
    const domain = await domainOf(reference, 'DuckMesh ReferenceAdapter')
    const types = { ReferenceVerdict: proofTypes.ReferenceVerdict }
    expect(await reference.digestOf(verdict)).to.equal(TypedDataEncoder.hash(domain, types, verdict))
  })

  it('below the quorum accept nothing', async () => {
    const { verifiers, task, verdicts } = await scene()
    expect(await ask(verifiers, task, [])).to.equal(false)
    expect(await ask(verifiers, task, [verdicts[0]])).to.equal(false)
  })

  it('that say mismatch accept nothing', async () => {
    const { verifiers, task, verdicts } = await scene()
    const mismatch = await verdictOf(verifiers, 1, task, { matches: false })
    expect(await ask(verifiers, task, [verdicts[0], mismatch])).to.equal(false)
    expect(await ask(verifiers, task, [verdicts[0], verdicts[2], mismatch])).to.equal(false)
  })

  it('with the least score are accepted, one below are not', async () => {
    const { verifiers, task, verdicts } = await scene()
    const least = await verdictOf(verifiers, 1, task, { scoreBps: 9_000 })
    const below = await verdictOf(verifiers, 1, task, { scoreBps: 8_999 })
    expect(await ask(verifiers, task, [verdicts[0], least])).to.equal(true)
    expect(await ask(verifiers, task, [verdicts[0], below])).to.equal(false)
  })

  it('of validators that the entry does not name accept nothing', async () => {
    const { verifiers, task, verdicts } = await scene()
    expect(await ask(verifiers, task, [verdicts[0], verdicts[3]])).to.equal(false)
    const terms = referenceTerms({ mask: 0b1001n, quorum: 2, minScoreBps: 9_000 })
    expect(await ask(verifiers, task, [verdicts[0], verdicts[3]], terms)).to.equal(true)
  })

  it('of unknown validators accept nothing, also where ids do not fit the mask', async () => {
    const { verifiers, task, verdicts } = await scene()
    for (const id of [4, 127, 128, 255]) {
      const stray: Verdict = [id, 9_500, verdicts[1][2], verdicts[1][3]]
      expect(await ask(verifiers, task, [verdicts[0], stray])).to.equal(false)
    }
  })

  it('go through the router and the agent verifier', async () => {
    const { verifiers, task, verdicts } = await scene()
    const { agent } = verifiers
    const proof = ethers.concat([REFERENCE, encodeVerdicts(verdicts.slice(0, 2))])
    const { valid } = await agent.verify.staticCall(task.taskId, task.agentId, task.inputHash, OUTPUT, proof)
    expect(valid).to.equal(true)
  })
})

describe('Attack: verdicts', () => {
  it('of one validator counted twice', async () => {
    const { verifiers, task, verdicts } = await scene()
    const again = await verdictOf(verifiers, 0, task, { scoreBps: 9_999 })
    expect(await ask(verifiers, task, [verdicts[0], verdicts[0]])).to.equal(false)
    expect(await ask(verifiers, task, [verdicts[0], again])).to.equal(false)
    expect(await ask(verifiers, task, [verdicts[0], verdicts[1], verdicts[0]])).to.equal(false)
  })

  it('signed by somebody else, under the name of a validator', async () => {
    const { verifiers, task, verdicts } = await scene()
    const forged = await verdictOf(verifiers, 1, task, { signer: walletOf('stranger') })
    const borrowed = await verdictOf(verifiers, 1, task, { signer: verifiers.validators[2] })
    expect(await ask(verifiers, task, [verdicts[0], forged])).to.equal(false)
    expect(await ask(verifiers, task, [verdicts[0], borrowed])).to.equal(false)
  })

  it('with a score raised after signing', async () => {
    const { verifiers, task, verdicts } = await scene()
    const [id, , r, vs] = await verdictOf(verifiers, 1, task, { scoreBps: 100 })
    expect(await ask(verifiers, task, [verdicts[0], [id, 9_500, r, vs]])).to.equal(false)
  })

  it('copied to another task, agent, input or output', async () => {
    const { verifiers, task, verdicts, reference } = await scene()
    const pair = verdicts.slice(0, 2)
    const changes: Partial<Task>[] = [
      { taskId: ethers.id('other') },
      { agentId: toBeHex(2, 32) },
      { inputHash: ethers.id('other') },
    ]
    for (const change of changes) expect(await ask(verifiers, { ...task, ...change }, pair)).to.equal(false)
    const answer = await reference.verify.staticCall(
      taskInputOf(task),
      ethers.id('other'),
      REFERENCE_METADATA,
      encodeVerdicts(pair),
    )
    expect(answer).to.equal(false)
  })

  it('made for another chain or adapter', async () => {
    const { verifiers, task, verdicts, reference } = await scene()
    const domain = await domainOf(reference, 'DuckMesh ReferenceAdapter')
    const twin = await deploy('ReferenceAdapter', [verifiers.owner.address])
    for (const other of [
      { ...domain, chainId: domain.chainId + 1n },
      { ...domain, verifyingContract: await twin.getAddress() },
    ]) {
      const foreign = await verdictOf(verifiers, 1, task, { domain: other })
      expect(await ask(verifiers, task, [verdicts[0], foreign])).to.equal(false)
    }
  })

  it('with malformed signatures, or of a proof that is no list of verdicts', async () => {
    const { verifiers, task, verdicts } = await scene()
    const zero = toBeHex(0, 32)
    expect(await ask(verifiers, task, [verdicts[0], [1, 9_500, zero, zero]])).to.equal(false)
    const { router } = verifiers
    const good = encodeVerdicts(verdicts.slice(0, 2))
    const hugeLength = ethers.concat([toBeHex(32, 32), toBeHex(2n ** 255n, 32)])
    for (const proof of ['0x', '0x1234', good.slice(0, -64), hugeLength]) {
      expect((await router.verify(REFERENCE, taskInputOf(task), OUTPUT, proof)).valid).to.equal(false)
    }
    expect((await router.verify(REFERENCE, taskInputOf(task), OUTPUT, good)).valid).to.equal(true)
  })

  it('of an entry whose metadata has another form, no quorum, or ids of nobody', async () => {
    const { verifiers, task, verdicts } = await scene()
    const pair = verdicts.slice(0, 2)
    for (const metadata of ['0x', REFERENCE_METADATA.slice(0, -2), `${REFERENCE_METADATA}00`]) {
      expect(await ask(verifiers, task, pair, metadata)).to.equal(false)
    }
    const noQuorum = referenceTerms({ mask: 0b11n, quorum: 0, minScoreBps: 0 })
    expect(await ask(verifiers, task, [], noQuorum)).to.equal(false)
    expect(await ask(verifiers, task, pair, noQuorum)).to.equal(false)
    const withNobody = referenceTerms({ mask: 0b10011n, quorum: 2, minScoreBps: 0 })
    expect(await ask(verifiers, task, pair, withNobody)).to.equal(false)
    const everybody = referenceTerms({ mask: (1n << 128n) - 1n, quorum: 2, minScoreBps: 0 })
    expect(await ask(verifiers, task, pair, everybody)).to.equal(false)
  })
})

describe('Validators', () => {
  it('are added by the owner under ids that count up', async () => {
    const { reference } = await loadVerifiers()
    const { address } = walletOf('validator 4')
    await expect(reference.addValidator(address)).to.emit(reference, 'ValidatorAdded').withArgs(4, address)
    expect(await reference.validatorOf(4)).to.equal(address)
    expect(await reference.validatorCount()).to.equal(5n)
    expect(await reference.validatorOf(5)).to.equal(ethers.ZeroAddress)
  })

  it('are not added by anybody else, as zero, or twice', async () => {
    const { reference, world, validators } = await loadVerifiers()
    await expect(
      connect(reference, world.stranger).addValidator(world.stranger.address),
    ).to.be.revertedWithCustomError(reference, 'OwnableUnauthorizedAccount')
    await expect(reference.addValidator(ethers.ZeroAddress)).to.be.revertedWithCustomError(
      reference,
      'ZeroValidator',
    )
    await expect(reference.addValidator(validators[0].address))
      .to.be.revertedWithCustomError(reference, 'ValidatorKnown')
      .withArgs(validators[0].address)
  })

  it('that are added later do not join old entries', async () => {
    const { verifiers, task, verdicts, reference } = await scene()
    await reference.addValidator(walletOf('validator 4').address)
    const late = await verdictOf(verifiers, 4, task, { signer: walletOf('validator 4') })
    expect(await ask(verifiers, task, [verdicts[0], late])).to.equal(false)
  })

  it('count no more once the owner retires them, and cannot come back', async () => {
    const { verifiers, task, verdicts, reference } = await scene()
    await expect(reference.retireValidator(1))
      .to.emit(reference, 'ValidatorRetired')
      .withArgs(1, verifiers.owner.address)
    expect(await reference.retiredMask()).to.equal(0b10n)
    expect(await ask(verifiers, task, [verdicts[0], verdicts[1]])).to.equal(false)
    expect(await ask(verifiers, task, [verdicts[0], verdicts[2]])).to.equal(true)
    await expect(reference.retireValidator(1))
      .to.be.revertedWithCustomError(reference, 'ValidatorIsRetired')
      .withArgs(1)
    await expect(reference.addValidator(verifiers.validators[1].address)).to.be.revertedWithCustomError(
      reference,
      'ValidatorKnown',
    )
  })

  it('retire themselves, and nobody else', async () => {
    const { reference, world } = await loadVerifiers()
    const { stranger, challenger } = world
    await reference.addValidator(stranger.address)
    await expect(connect(reference, challenger).retireValidator(4))
      .to.be.revertedWithCustomError(reference, 'NotValidator')
      .withArgs(challenger.address)
    await expect(connect(reference, stranger).retireValidator(0))
      .to.be.revertedWithCustomError(reference, 'NotValidator')
      .withArgs(stranger.address)
    await expect(connect(reference, stranger).retireValidator(4))
      .to.emit(reference, 'ValidatorRetired')
      .withArgs(4, stranger.address)
    await expect(reference.retireValidator(5))
      .to.be.revertedWithCustomError(reference, 'ValidatorUnknown')
      .withArgs(5)
  })

  it('are at most 128, and the last one counts', async () => {
    const { verifiers, task, reference } = await scene()
    for (let id = 4; id < 128; id++) await reference.addValidator(walletOf(`validator ${id}`).address)
    await expect(reference.addValidator(walletOf('validator 128').address))
      .to.be.revertedWithCustomError(reference, 'TooManyValidators')
      .withArgs(128)
    const last = await verdictOf(verifiers, 127, task, { signer: walletOf('validator 127') })
    const terms = referenceTerms({ mask: (1n << 128n) - 1n, quorum: 1, minScoreBps: 0 })
    expect(await ask(verifiers, task, [last], terms)).to.equal(true)
  })
})

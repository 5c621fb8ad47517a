import { expect } from 'chai'
import { concat, toBeHex } from 'ethers'
import { ZERO_HASH } from '../../support/mesh.ts'
import {
  addHostile,
  GAS_CAP,
  loadVerifiers,
  OUTPUT,
  TEE,
  taskInputOf,
  taskOf,
  teeProof,
  type Verifiers,
} from '../../support/verifiers.ts'

/** A transaction, the loads of the entry and what surrounds the call. */
const AROUND_GAS = 60_000n
const GENEROUS = { gasLimit: 5_000_000 }

const Behaviour = {
  saysYes: 0,
  saysNo: 1,
  burnsGas: 2,
  returnsBomb: 3,
  revertsWithBomb: 4,
  revertsWithYes: 5,
  returnsTwo: 6,
  returnsShortYes: 7,
  returnsNothing: 8,
  writes: 9,
  callsBack: 10,
  needsGas: 11,
  returnsLongYes: 12,
} as const

async function answerOf(verifiers: Verifiers, behaviour: number): Promise<boolean> {
  const selector = await addHostile(verifiers, behaviour)
  const { valid } = await verifiers.router.verify(selector, ZERO_HASH, ZERO_HASH, '0x')
  return valid
}

describe('Attack: a verifier that', () => {
  it('answers plainly is believed', async () => {
    const verifiers = await loadVerifiers()
    expect(await answerOf(verifiers, Behaviour.saysYes)).to.equal(true)
    expect(await answerOf(verifiers, Behaviour.saysNo)).to.equal(false)
  })

  it('burns all its gas, or returns or reverts with a bomb, said no at the price of its gas cap', async () => {
    const verifiers = await loadVerifiers()
    const { agent } = verifiers
    const { taskId, agentId, inputHash } = await taskOf(verifiers)
    for (const behaviour of [Behaviour.burnsGas, Behaviour.returnsBomb, Behaviour.revertsWithBomb]) {
      const selector = await addHostile(verifiers, behaviour)
      const sent = await agent.verify(taskId, agentId, inputHash, OUTPUT, selector, GENEROUS)
      const { logs, gasUsed } = await sent.wait()
      expect(agent.interface.parseLog(logs[0])?.args.valid).to.equal(false)
      expect(gasUsed).to.be.lessThan(BigInt(GAS_CAP) + AROUND_GAS)
    }
  })

  it('reverts with a yes said no', async () => {
    expect(await answerOf(await loadVerifiers(), Behaviour.revertsWithYes)).to.equal(false)
  })

  it('returns a word that is neither yes nor no said no', async () => {
    expect(await answerOf(await loadVerifiers(), Behaviour.returnsTwo)).to.equal(false)
  })

  it('returns less than a word said no', async () => {
    const verifiers = await loadVerifiers()
    expect(await answerOf(verifiers, Behaviour.returnsShortYes)).to.equal(false)
    expect(await answerOf(verifiers, Behaviour.returnsNothing)).to.equal(false)
  })

  it('returns a long answer is read by its first word alone', async () => {
    expect(await answerOf(await loadVerifiers(), Behaviour.returnsLongYes)).to.equal(true)
  })

  it('writes said no, and nothing was written', async () => {
    const verifiers = await loadVerifiers()
    const { agent, hostile, world } = verifiers
    const { taskId, agentId, inputHash } = await taskOf(verifiers)
    const selector = await addHostile(verifiers, Behaviour.writes)
    await agent.verify(taskId, agentId, inputHash, OUTPUT, selector, GENEROUS)
    expect(await agent.isTaskUsed(world.deployer.address, taskId)).to.equal(false)
    expect(await hostile.writes()).to.equal(0n)
  })

  it('calls back into the agent verifier is refused there', async () => {
    const verifiers = await loadVerifiers()
    const { agent, hostile, world } = verifiers
    const { taskId, agentId, inputHash } = await taskOf(verifiers)
    const yes = await addHostile(verifiers, Behaviour.saysYes)
    const data = agent.interface.encodeFunctionData('verify', [taskId, agentId, inputHash, OUTPUT, yes])
    await hostile.arm(await agent.getAddress(), data)
    const selector = await addHostile(verifiers, Behaviour.callsBack, { gasCap: 1_000_000 })
    const sent = await agent.verify(taskId, agentId, inputHash, OUTPUT, selector, GENEROUS)
    const { logs } = await sent.wait()
    expect(logs.length).to.equal(1)
    expect(agent.interface.parseLog(logs[0])?.args.valid).to.equal(false)
    expect(await agent.isTaskUsed(await hostile.getAddress(), taskId)).to.equal(false)
    expect(await agent.isTaskUsed(world.deployer.address, taskId)).to.equal(false)
  })
})

describe('Attack: starving a verifier of gas', () => {
  it('never turns a yes into a no, at any gas limit', async () => {
    const verifiers = await loadVerifiers()
    const { router } = verifiers
    // says yes only with its whole share, less what its own first steps cost
    const extra = toBeHex(GAS_CAP - 1_000, 4)
    const selector = await addHostile(verifiers, Behaviour.needsGas, { extra })
    const answers = new Set<string>()
    for (let gasLimit = 22_000; gasLimit < 190_000; gasLimit += 333) {
      const answer = await router
        .verify(selector, ZERO_HASH, ZERO_HASH, '0x', { gasLimit })
        .then(({ valid }: { valid: boolean }) => String(valid))
        .catch(() => 'reverted')
      answers.add(answer)
    }
    expect([...answers]).to.deep.equal(['reverted', 'true'])
  })

  it('is refused by name, one gas below what is needed', async () => {
    const verifiers = await loadVerifiers()
    const { router } = verifiers
    const extra = toBeHex(GAS_CAP - 1_000, 4)
    const selector = await addHostile(verifiers, Behaviour.needsGas, { extra })
    const ask = (gasLimit: number) => router.verify(selector, ZERO_HASH, ZERO_HASH, '0x', { gasLimit })
    let refused = 100_000
    let answered = 300_000
    while (answered - refused > 1) {
      const middle = Math.floor((refused + answered) / 2)
      const valid = await ask(middle).then(
        () => true,
        () => false,
      )
      if (valid) answered = middle
      else refused = middle
    }
    expect((await ask(answered)).valid).to.equal(true)
    await expect(ask(refused)).to.be.revertedWithCustomError(router, 'InsufficientGas')
  })

  it('of an honest proof fails the whole transaction and uses up nothing', async () => {
    const verifiers = await loadVerifiers()
    const { agent, router, world } = verifiers
    const task = await taskOf(verifiers)
    const proof = concat([TEE, await teeProof(verifiers, task)])
    const args = [task.taskId, task.agentId, task.inputHash, OUTPUT, proof]
    await expect(agent.verify(...args, { gasLimit: 120_000 })).to.be.revertedWithCustomError(
      router,
      'InsufficientGas',
    )
    expect(await agent.isTaskUsed(world.deployer.address, task.taskId)).to.equal(false)
    await expect(agent.verify(...args)).to.emit(agent, 'VerificationCompleted')
    expect(await agent.isTaskUsed(world.deployer.address, task.taskId)).to.equal(true)
    expect(
      (await router.verify(TEE, taskInputOf(task), OUTPUT, await teeProof(verifiers, task))).valid,
    ).to.equal(true)
  })
})

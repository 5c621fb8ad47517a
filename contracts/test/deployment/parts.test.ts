import { expect } from 'chai'
import { Interface } from 'ethers'
import { artifacts } from 'hardhat'
import { deployToken, ethers, loadWorld, paramsOf } from '../support/mesh.ts'
import { zeroOf } from '../support/zeros.ts'

/** Parts of the mesh in the order in which an unknown selector is handed on. */
const PARTS = ['DuckMesh', 'DuckMeshJobs', 'DuckMeshAccounts'] as const

async function interfaceOf(name: string): Promise<Interface> {
  return new Interface((await artifacts.readArtifact(name)).abi)
}

function selectorsOf(contract: Interface): string[] {
  const selectors: string[] = []
  contract.forEachFunction(({ selector }) => selectors.push(selector))
  return selectors
}

async function deployed() {
  const world = await loadWorld()
  const jobs = await ethers.getContractAt('DuckMeshJobs', await world.mesh.extension())
  const accounts = await ethers.getContractAt('DuckMeshAccounts', await jobs.extension())
  return { world, to: await world.mesh.getAddress(), jobs, accounts }
}

/** Parameters that differ from those of the world in one field each. */
async function others({ world }: Awaited<ReturnType<typeof deployed>>) {
  const params = paramsOf(world)
  const hostile = await ethers.deployContract('HostileAgentVerifier')
  const changes = {
    treasury: world.stranger.address,
    minStakeWei: params.minStakeWei + 1n,
    maxJobLifeSeconds: params.maxJobLifeSeconds - 1,
    unbondSeconds: params.unbondSeconds + 1,
    meshParams: world.stranger.address,
    agentVerifier: await hostile.getAddress(),
  }
  expect(Object.keys(changes).sort()).to.deep.equal(Object.keys(params).sort())
  return Object.entries(changes).map(([name, value]) => ({ name, params: { ...params, [name]: value } }))
}

describe('The parts of the mesh', () => {
  it('have all selectors of the interface together, and serve each one once', async () => {
    // token() and params() are what a part says of itself to the part before; extension() says what comes next.
    const said = new Set(['token', 'params', 'extension'].map((name) => ethers.id(`${name}()`).slice(0, 10)))
    const [mesh, jobs, accounts] = await Promise.all(
      PARTS.map(async (name) => selectorsOf(await interfaceOf(name))),
    )
    const all = [...(mesh ?? []), ...[...(jobs ?? []), ...(accounts ?? [])].filter((one) => !said.has(one))]
    expect(new Set(all).size).to.equal(all.length)
    const reached = new Set([...all, ...said])
    expect([...reached].sort()).to.deep.equal(selectorsOf(await interfaceOf('IDuckMesh')).sort())
  })

  it('are reached through the mesh for each function of the interface', async () => {
    const { to } = await deployed()
    const all = await interfaceOf('IDuckMesh')
    const calls: { name: string; data: string }[] = []
    all.forEachFunction((found) => {
      calls.push({ name: found.name, data: all.encodeFunctionData(found, found.inputs.map(zeroOf)) })
    })
    expect(calls.length).to.be.greaterThan(50)
    for (const { name, data } of calls) {
      // An answer or a typed refusal; a selector that nobody knows reverts without data.
      const refusal = await ethers.provider.call({ to, data }).then(
        () => undefined,
        (error: { data?: string }) => error.data ?? '0x',
      )
      if (refusal !== undefined) expect(refusal.length, name).to.be.at.least(10)
    }
  })

  it('refuse a selector that none has, and ether', async () => {
    const { world, to } = await deployed()
    await expect(world.stranger.sendTransaction({ to, data: '0x12345678' })).to.be.revert(ethers)
    await expect(world.stranger.sendTransaction({ to, data: '0x' })).to.be.revert(ethers)
    await expect(world.stranger.sendTransaction({ to, value: 1 })).to.be.revert(ethers)
    const token = world.mesh.interface.encodeFunctionData('token')
    await expect(world.stranger.sendTransaction({ to, data: token, value: 1 })).to.be.revert(ethers)
  })

  it('hand answers and errors back as they are', async () => {
    const { world } = await deployed()
    // answered by the third part, through the second
    expect(await world.mesh.providerIdOf(world.provider(2).owner.address)).to.equal(3n)
    await expect(world.mesh.heartbeat(1))
      .to.be.revertedWithCustomError(world.mesh, 'NotProvider')
      .withArgs(1, world.deployer.address)
  })

  for (const index of [1, 2] as const) {
    it(`do nothing when they are called directly: ${PARTS[index]}`, async () => {
      const { jobs, accounts } = await deployed()
      const part = index === 1 ? jobs : accounts
      let refused = 0
      for (const fragment of part.interface.fragments) {
        if (fragment.type !== 'function') continue
        const found = part.interface.getFunction(fragment.format())
        if (!found || found.constant) continue
        const call = part.getFunction(found.format())
        await expect(call(...found.inputs.map(zeroOf)), found.name).to.be.revertedWithCustomError(
          part,
          'NotDelegated',
        )
        refused++
      }
      expect(refused).to.be.greaterThan(8)
    })
  }

  it('hand nothing on when they are called directly', async () => {
    const { world, jobs, accounts } = await deployed()
    const data = accounts.interface.encodeFunctionData('heartbeat', [1])
    await expect(
      world.stranger.sendTransaction({ to: await jobs.getAddress(), data }),
    ).to.be.revertedWithCustomError(jobs, 'NotDelegated')
    await expect(
      world.stranger.sendTransaction({ to: await accounts.getAddress(), data: '0x12345678' }),
    ).to.be.revert(ethers)
  })

  it('are fixed: no function of the mesh changes which code it runs', async () => {
    const { world, jobs } = await deployed()
    const all = await interfaceOf('IDuckMesh')
    all.forEachFunction(({ name, constant }) => {
      if (!constant) expect(name).to.not.match(/upgrade|extension|setAgent|setTreasury|owner|pause/i)
    })
    expect(await world.mesh.extension()).to.equal(await jobs.getAddress())
  })
})

describe('Building a mesh of parts', () => {
  it('refuses further parts of other parameters, whichever differs', async () => {
    const context = await deployed()
    const { world, jobs, accounts } = context
    const token = await world.token.getAddress()
    for (const { name, params } of await others(context)) {
      const otherAccounts = await ethers.deployContract('DuckMeshAccounts', [token, params])
      await expect(ethers.deployContract('DuckMeshJobs', [token, paramsOf(world), otherAccounts]), name)
        .to.be.revertedWithCustomError(jobs, 'OutOfBounds')
        .withArgs(ethers.encodeBytes32String('extension'), BigInt(await otherAccounts.getAddress()))
      const otherJobs = await ethers.deployContract('DuckMeshJobs', [token, params, otherAccounts])
      await expect(ethers.deployContract('DuckMesh', [token, paramsOf(world), otherJobs]), name)
        .to.be.revertedWithCustomError(world.mesh, 'OutOfBounds')
        .withArgs(ethers.encodeBytes32String('extension'), BigInt(await otherJobs.getAddress()))
    }
    await ethers.deployContract('DuckMeshJobs', [token, paramsOf(world), accounts])
  })

  it('refuses parts of another token', async () => {
    const { world } = await deployed()
    const params = paramsOf(world)
    const otherToken = await deployToken(world.deployer)
    const accounts = await ethers.deployContract('DuckMeshAccounts', [otherToken, params])
    await expect(
      ethers.deployContract('DuckMeshJobs', [world.token, params, accounts]),
    ).to.be.revertedWithCustomError(world.mesh, 'OutOfBounds')
    const jobs = await ethers.deployContract('DuckMeshJobs', [otherToken, params, accounts])
    await expect(
      ethers.deployContract('DuckMesh', [world.token, params, jobs]),
    ).to.be.revertedWithCustomError(world.mesh, 'OutOfBounds')
  })

  it('refuses an address without code as part', async () => {
    const { world } = await deployed()
    const args = [world.token, paramsOf(world), world.stranger.address]
    for (const name of ['DuckMesh', 'DuckMeshJobs']) {
      await expect(ethers.deployContract(name, args)).to.be.revert(ethers)
    }
  })

  it('lets several meshes share their further parts, which hold nothing', async () => {
    const { world, jobs } = await deployed()
    const second = await ethers.deployContract('DuckMesh', [world.token, paramsOf(world), jobs])
    const viaSecond = world.mesh.attach(await second.getAddress()) as typeof world.mesh
    expect(await viaSecond.providerCount()).to.equal(0n)
    expect(await world.mesh.providerCount()).to.equal(7n)
  })
})

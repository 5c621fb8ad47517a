import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { Interface, type ParamType } from 'ethers'
import { artifacts } from 'hardhat'
import { deployToken, ethers, loadWorld, PARAMS } from '../support/mesh.ts'

interface Layout {
  storage: { label: string; slot: string; offset: number; type: string }[]
  types: Record<string, unknown>
}

interface Output {
  output: {
    contracts: Record<string, Record<string, { storageLayout: Layout; transientStorageLayout: Layout }>>
  }
}

const HALVES = { DuckMesh: 'DuckMesh.sol', DuckMeshExtension: 'DuckMeshExtension.sol' } as const

/** Slots as the compiler lays them out, without the numbers of the syntax tree, which differ between builds. */
async function layoutOf(name: keyof typeof HALVES, kind: 'storageLayout' | 'transientStorageLayout') {
  const source = `contracts/src/${HALVES[name]}`
  const buildId = await artifacts.getBuildInfoId(`${source}:${name}`)
  const path = buildId && (await artifacts.getBuildInfoOutputPath(buildId))
  if (!path) throw new Error(`No build output of ${name}`)
  const { output } = JSON.parse(await readFile(path, 'utf8')) as Output
  const layout = output.contracts[`project/${source}`]?.[name]?.[kind]
  if (!layout) throw new Error(`No layout of ${name}`)
  const plain = (text: string) => text.replaceAll(/\)\d+/g, ')')
  return layout.storage.map(({ label, slot, offset, type }) => `${slot}+${offset} ${label} ${plain(type)}`)
}

async function interfaceOf(name: string): Promise<Interface> {
  return new Interface((await artifacts.readArtifact(name)).abi)
}

function selectorsOf(contract: Interface): string[] {
  const selectors: string[] = []
  contract.forEachFunction(({ selector }) => selectors.push(selector))
  return selectors.sort()
}

/** The empty value of a type. */
function zeroOf(param: ParamType): unknown {
  if (param.isArray()) return []
  if (param.isTuple()) return param.components.map(zeroOf)
  if (param.type === 'string') return ''
  if (param.type === 'bool') return false
  if (param.type === 'address') return ethers.ZeroAddress
  if (param.type === 'bytes') return '0x'
  if (param.type.startsWith('bytes')) return `0x${'00'.repeat(Number(param.type.slice(5)))}`
  return 0
}

async function deployed() {
  const world = await loadWorld()
  const extension = await ethers.getContractAt('DuckMeshExtension', await world.mesh.extension())
  return { world, extension, params: { treasury: world.treasury.address, ...PARAMS } }
}

describe('The extension of the mesh', () => {
  it('lays out storage as the mesh does', async () => {
    const mesh = await layoutOf('DuckMesh', 'storageLayout')
    expect(mesh).to.have.length.greaterThan(8)
    expect(await layoutOf('DuckMeshExtension', 'storageLayout')).to.deep.equal(mesh)
  })

  it('lays out transient storage as the mesh does, so that one guard serves both', async () => {
    const mesh = await layoutOf('DuckMesh', 'transientStorageLayout')
    expect(mesh).to.have.length(1)
    expect(await layoutOf('DuckMeshExtension', 'transientStorageLayout')).to.deep.equal(mesh)
  })

  it('has no selector of the mesh, and both together are the interface', async () => {
    const mesh = selectorsOf(await interfaceOf('DuckMesh'))
    const extension = selectorsOf(await interfaceOf('DuckMeshExtension'))
    const both = [...mesh, ...extension].sort()
    expect(new Set(both).size).to.equal(both.length)
    expect(both).to.deep.equal(selectorsOf(await interfaceOf('IDuckMesh')))
  })

  it('is reached through the mesh for each function of the interface', async () => {
    const { world } = await deployed()
    const to = await world.mesh.getAddress()
    const calls: { name: string; data: string }[] = []
    const all = await interfaceOf('IDuckMesh')
    all.forEachFunction((found) => {
      calls.push({ name: found.name, data: all.encodeFunctionData(found, found.inputs.map(zeroOf)) })
    })
    for (const { name, data } of calls) {
      // An answer or a typed refusal; a selector that nobody knows reverts without data.
      const refusal = await ethers.provider.call({ to, data }).then(
        () => undefined,
        (error: { data?: string }) => error.data ?? '0x',
      )
      if (refusal !== undefined) expect(refusal.length, name).to.be.at.least(10)
    }
  })

  it('refuses a selector that neither half has, and ether', async () => {
    const { world } = await deployed()
    const to = await world.mesh.getAddress()
    await expect(world.stranger.sendTransaction({ to, data: '0x12345678' })).to.be.revert(ethers)
    await expect(world.stranger.sendTransaction({ to, value: 1 })).to.be.revert(ethers)
    const token = world.mesh.interface.encodeFunctionData('token')
    await expect(world.stranger.sendTransaction({ to, data: token, value: 1 })).to.be.revert(ethers)
  })

  it('does nothing when it is called directly', async () => {
    const { extension } = await deployed()
    let refused = 0
    for (const fragment of extension.interface.fragments) {
      if (fragment.type !== 'function') continue
      const found = extension.interface.getFunction(fragment.format())
      if (!found || found.constant) continue
      const call = extension.getFunction(found.format())
      await expect(call(...found.inputs.map(zeroOf)), found.name).to.be.revertedWithCustomError(
        extension,
        'NotDelegated',
      )
      refused++
    }
    expect(refused).to.be.greaterThan(20)
  })

  it('has the same immutables: a mesh refuses an extension of other parameters', async () => {
    const { world, params } = await deployed()
    const token = await world.token.getAddress()
    const others = {
      treasury: world.stranger.address,
      feeBps: params.feeBps + 1,
      minStakeWei: params.minStakeWei + 1n,
      maxJobLifeSeconds: params.maxJobLifeSeconds + 1,
      unbondSeconds: params.unbondSeconds + 1,
    }
    for (const [name, value] of Object.entries(others)) {
      const other = await ethers.deployContract('DuckMeshExtension', [token, { ...params, [name]: value }])
      await expect(ethers.deployContract('DuckMesh', [token, params, await other.getAddress()]), name)
        .to.be.revertedWithCustomError(world.mesh, 'OutOfBounds')
        .withArgs(ethers.encodeBytes32String('extension'), BigInt(await other.getAddress()))
    }
  })

  it('is of the same token', async () => {
    const { world, params } = await deployed()
    const token = await world.token.getAddress()
    const otherToken = await (await deployToken(world.deployer)).getAddress()
    const other = await ethers.deployContract('DuckMeshExtension', [otherToken, params])
    await expect(
      ethers.deployContract('DuckMesh', [token, params, await other.getAddress()]),
    ).to.be.revertedWithCustomError(world.mesh, 'OutOfBounds')
    await expect(ethers.deployContract('DuckMesh', [token, params, world.stranger.address])).to.be.revert(
      ethers,
    )
  })

  it('leaves room under the code size limit of EIP-170', async () => {
    const { extension } = await deployed()
    const bytes = (await ethers.provider.getCode(await extension.getAddress())).length / 2 - 1
    expect(bytes).to.be.lessThan(24_000)
  })
})

import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { expect } from 'chai'
import { artifacts } from 'hardhat'

const PARTS = ['DuckMesh', 'DuckMeshJobs', 'DuckMeshAccounts'] as const
const KINDS = ['storageLayout', 'transientStorageLayout'] as const

/** EIP-170. */
const MAX_CODE_BYTES = 24_576

type Part = (typeof PARTS)[number]
type Layout = { storage: { label: string; slot: string; offset: number; type: string }[] }
type Layouts = Record<(typeof KINDS)[number], Layout>

/** Layouts of the parts, which the build does not ask the compiler for: analysed again, without code. */
async function compiledLayouts(): Promise<Record<Part, Layouts>> {
  const solc = createRequire(import.meta.url)('solc') as { compile(input: string): string }
  const found = {} as Record<Part, Layouts>
  for (const part of PARTS) {
    const source = `contracts/src/${part}.sol`
    const buildId = await artifacts.getBuildInfoId(`${source}:${part}`)
    const path = buildId && (await artifacts.getBuildInfoPath(buildId))
    if (!path) throw new Error(`No build of ${part}`)
    const { input } = JSON.parse(await readFile(path, 'utf8'))
    const name = `project/${source}`
    input.settings.outputSelection = { [name]: { [part]: KINDS } }
    found[part] = JSON.parse(solc.compile(JSON.stringify(input))).contracts[name][part]
  }
  return found
}

/** Slots without the numbers of the syntax tree, which differ between builds. */
function plain({ storage }: Layout): string[] {
  return storage.map(
    ({ label, slot, offset, type }) => `${slot}+${offset} ${label} ${type.replaceAll(/\)\d+/g, ')')}`,
  )
}

describe('The three parts of the mesh', () => {
  it('lay out storage alike, and transient storage, so that one guard serves all', async () => {
    const layouts = await compiledLayouts()
    for (const kind of KINDS) {
      const mesh = plain(layouts.DuckMesh[kind])
      expect(mesh).to.have.length.greaterThan(kind === 'storageLayout' ? 10 : 0)
      for (const part of PARTS) expect(plain(layouts[part][kind]), `${part} ${kind}`).to.deep.equal(mesh)
    }
  })

  it('leave room under the code size limit of EIP-170', async () => {
    for (const part of PARTS) {
      const { deployedBytecode } = await artifacts.readArtifact(part)
      const bytes = deployedBytecode.length / 2 - 1
      console.log(`      ${part}: ${bytes} bytes, room ${MAX_CODE_BYTES - bytes}`)
      expect(bytes, part).to.be.lessThan(MAX_CODE_BYTES)
    }
  })
})

describe('Every contract', () => {
  it('is below the code size limit of EIP-170', async () => {
    const names = await artifacts.getAllFullyQualifiedNames()
    let checked = 0
    for (const name of names) {
      if (!name.startsWith('contracts/src/')) continue
      const { deployedBytecode } = await artifacts.readArtifact(name)
      expect(deployedBytecode.length / 2 - 1, name).to.be.lessThan(MAX_CODE_BYTES)
      checked++
    }
    expect(checked).to.be.greaterThan(30)
  })
})

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'

const address = z.custom<`0x${string}`>((value) => typeof value === 'string')

const meshInfoSchema = z.object({
  chainId: z.int(),
  rpcUrl: z.string(),
  coordinatorUrl: z.string(),
  token: address,
  mesh: address,
  meshBlock: z.int(),
  /** Everything that is deployed, by contract name. */
  modules: z.record(z.string(), address),
  /** Verifying keys of circuits that are proved here, or the model of one: `order.modelId` by circuit. */
  proofKeys: z.record(z.string(), address).default({}),
  /** Development key of a funded buyer. */
  buyerPrivateKey: z.custom<`0x${string}`>((value) => typeof value === 'string'),
  /** Process that holds the mesh up. */
  pid: z.int(),
  providers: z.array(
    z.object({ name: z.string(), kind: z.string(), providerId: z.int(), endpoint: z.string() }),
  ),
})

/** Where a local mesh is and how to use it: `.duckmesh/mesh.json`, also read by the `duckmesh` command. */
export type MeshInfo = z.output<typeof meshInfoSchema>

const pathOf = (stateDir: string) => join(stateDir, 'mesh.json')

/** The mesh that ran here last; undefined when there was none, or its file is of another version. */
export async function readMeshInfo(stateDir: string): Promise<MeshInfo | undefined> {
  const text = await readFile(pathOf(stateDir), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  return text === undefined ? undefined : meshInfoSchema.safeParse(JSON.parse(text)).data
}

/** Writes the file whole or not at all. */
export async function writeMeshInfo(stateDir: string, info: MeshInfo): Promise<void> {
  const path = pathOf(stateDir)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.new`, `${JSON.stringify(info, null, 2)}\n`, { mode: 0o600 })
  await rename(`${path}.new`, path)
}

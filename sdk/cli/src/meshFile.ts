import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { DuckMeshError } from '@duckmesh/protocol'
import { type Address, type Hex, isAddress, isHex } from 'viem'

/** What a running local mesh leaves in `.duckmesh/mesh.json`. */
export type MeshFile = {
  path: string
  chainId: number
  rpcUrl: string
  coordinatorUrl: string
  mesh: Address
  token: Address
  /** Block in which DuckMesh was deployed. */
  meshBlock: number
  /** EvidenceAnchors; undefined in a mesh of an older version. */
  evidenceAnchors: Address | undefined
  /** Key of a funded development account; meaningless outside of chain 31337. */
  buyerPrivateKey: Hex | undefined
  providers: { name: string; providerId: number; endpoint: string | null }[]
  /** Verifying keys of circuits that are proved there, or the model of one, by circuit. */
  proofKeys: Record<string, Hex>
}

/**
 * Finds a file in a folder or the nearest one above it.
 * @param name path relative to each folder
 * @returns path and text, or undefined
 */
export async function findUp(
  folder: string,
  name: string,
  accept: (text: string) => boolean = () => true,
): Promise<{ path: string; text: string } | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, name)
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
      throw new DuckMeshError('BAD_CONFIG', `${path} cannot be read.`, { path }, { cause: error })
    })
    if (text !== undefined && accept(text)) return { path, text }
    if (dirname(at) === at) return undefined
  }
}

/**
 * Reads the mesh file of a folder or the nearest one above it.
 * @param stateDir state folder of a mesh that keeps it elsewhere than in `.duckmesh`
 * @throws DuckMeshError `BAD_CONFIG` when it is there and malformed
 */
export async function readMeshFile(folder: string, stateDir?: string): Promise<MeshFile | undefined> {
  const found = stateDir
    ? await findUp(resolve(folder, stateDir), 'mesh.json')
    : await findUp(folder, join('.duckmesh', 'mesh.json'))
  if (!found) return undefined
  const { path } = found
  const value = parse(found.text)
  const fault = (field: string) =>
    new DuckMeshError('BAD_CONFIG', `${path} is not a mesh file: ${field} is wrong.`, { path, field })
  if (!value) throw fault('JSON')
  const { chainId, rpcUrl, coordinatorUrl, mesh, token, meshBlock = 0, buyerPrivateKey, providers } = value
  if (typeof chainId !== 'number') throw fault('chainId')
  if (typeof rpcUrl !== 'string') throw fault('rpcUrl')
  if (typeof coordinatorUrl !== 'string') throw fault('coordinatorUrl')
  if (typeof mesh !== 'string' || !isAddress(mesh)) throw fault('mesh')
  if (typeof token !== 'string' || !isAddress(token)) throw fault('token')
  if (typeof meshBlock !== 'number' || !Number.isSafeInteger(meshBlock)) throw fault('meshBlock')
  if (buyerPrivateKey !== undefined && !isHex(buyerPrivateKey)) throw fault('buyerPrivateKey')
  const listed = Array.isArray(providers) ? (providers as MeshFile['providers']) : []
  const proofKeys = keysOf(value.proofKeys)
  if (!proofKeys) throw fault('proofKeys')
  const evidenceAnchors = (value.modules as Record<string, unknown> | undefined)?.EvidenceAnchors
  if (evidenceAnchors !== undefined && !(typeof evidenceAnchors === 'string' && isAddress(evidenceAnchors)))
    throw fault('modules.EvidenceAnchors')
  return {
    path,
    chainId,
    rpcUrl,
    coordinatorUrl,
    mesh,
    token,
    meshBlock,
    evidenceAnchors,
    buyerPrivateKey,
    providers: listed,
    proofKeys,
  }
}

/** Undefined for what are no keys; a file of an older version has none. */
function keysOf(value: unknown): Record<string, Hex> | undefined {
  if (value === undefined) return {}
  if (typeof value !== 'object' || value === null) return undefined
  return Object.values(value).every((key) => isHex(key)) ? (value as Record<string, Hex>) : undefined
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined // told as a fault of the file, with its path
  }
}

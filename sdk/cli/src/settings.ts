import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { DuckMeshError } from '@duckmesh/protocol'
import type { Address, Hex, LocalAccount } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { Io } from './io.ts'
import { readMeshFile } from './meshFile.ts'

/** Options that every command about a mesh has. */
export type MeshFlags = {
  json?: boolean
  coordinator?: string
  rpc?: string
  keyFile?: string
}

/** Which mesh, and as whom. */
export type Settings = {
  coordinatorUrl: string
  rpcUrl: string
  /** Undefined when no key is configured. */
  account: LocalAccount | undefined
  /** Address of DuckMesh, where the mesh file vouches for it. */
  mesh: Address | undefined
  /** EvidenceAnchors, where DUCKMESH_EVIDENCE_ANCHORS or the mesh file vouches for it. */
  evidenceAnchors: Address | undefined
  /** Block in which DuckMesh was deployed, where it is known. */
  fromBlock: bigint | undefined
  /** Where the two URLs come from, for people. */
  source: string
  /** Verifying keys by circuit, where the mesh file vouches for them. */
  proofKeys: Record<string, Hex>
  /** Folder for what this machine keeps: that of the mesh file, else `.duckmesh` below the working directory. */
  stateDir: string
}

const LOCAL_CHAIN_ID = 31_337

/**
 * Resolves the settings: flags, then environment, then the mesh file of DUCKMESH_STATE_DIR, of the folder or of the
 * nearest one above.
 * The development key of a mesh file is used for the local chain of that file alone.
 * @throws DuckMeshError `MESH_NOT_FOUND` when nothing says where the mesh is, `BAD_CONFIG` for a bad key or file
 */
export async function resolveSettings(io: Io, flags: MeshFlags): Promise<Settings> {
  const { env } = io
  const coordinatorUrl = flags.coordinator ?? env.DUCKMESH_COORDINATOR_URL
  const rpcUrl = flags.rpc ?? env.DUCKMESH_RPC_URL
  const key = flags.keyFile ? await readKeyFile(flags.keyFile) : env.DUCKMESH_PRIVATE_KEY
  const account = key ? accountOf(key, flags.keyFile ? '--key-file' : 'DUCKMESH_PRIVATE_KEY') : undefined
  const anchors = env.DUCKMESH_EVIDENCE_ANCHORS as Address | undefined // checked when the client connects
  if (coordinatorUrl && rpcUrl) {
    return {
      coordinatorUrl,
      rpcUrl,
      account,
      mesh: undefined,
      evidenceAnchors: anchors,
      fromBlock: undefined,
      source: 'flags or environment',
      proofKeys: {},
      stateDir: resolve(io.cwd, env.DUCKMESH_STATE_DIR ?? '.duckmesh'),
    }
  }
  const file = await readMeshFile(io.cwd, env.DUCKMESH_STATE_DIR)
  if (!file) {
    const message = 'Nothing says where the mesh is: no flags, no environment, no .duckmesh/mesh.json.'
    throw new DuckMeshError('MESH_NOT_FOUND', message, { cwd: io.cwd })
  }
  const isLocal = file.chainId === LOCAL_CHAIN_ID && !rpcUrl
  const developer = isLocal && file.buyerPrivateKey ? accountOf(file.buyerPrivateKey, file.path) : undefined
  return {
    coordinatorUrl: coordinatorUrl ?? file.coordinatorUrl,
    rpcUrl: rpcUrl ?? file.rpcUrl,
    account: account ?? developer,
    mesh: rpcUrl ? undefined : file.mesh,
    evidenceAnchors: anchors ?? (rpcUrl ? undefined : file.evidenceAnchors),
    fromBlock: rpcUrl ? undefined : BigInt(file.meshBlock),
    source: file.path,
    proofKeys: rpcUrl ? {} : file.proofKeys,
    stateDir: dirname(file.path),
  }
}

async function readKeyFile(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new DuckMeshError(
      'BAD_CONFIG',
      `The key file ${path} cannot be read.`,
      { setting: '--key-file' },
      { cause },
    )
  })
  return text.trim()
}

function accountOf(key: string, setting: string): LocalAccount {
  // the key itself must never be part of a message
  if (!/^0x[0-9a-fA-F]{64}$/.test(key)) {
    throw new DuckMeshError('BAD_CONFIG', `${setting} is not a private key of 32 bytes.`, { setting })
  }
  return privateKeyToAccount(key as Hex)
}

import { addressesOf, type CoordinatorInfo, chainError, DuckMeshError } from '@duckmesh/protocol'
import pLimit from 'p-limit'
import {
  type Account,
  type Address,
  type Chain,
  createPublicClient,
  createWalletClient,
  defineChain,
  getAddress,
  http,
  isAddress,
  isAddressEqual,
  type LocalAccount,
  type PublicClient,
  type Transport,
  type WalletClient,
} from 'viem'
import { readMesh } from '../chain/readMesh.ts'
import { CoordinatorClient } from '../transport/coordinatorClient.ts'
import type { Fetch } from '../transport/requestJson.ts'
import type { ClientContext, Wallet } from './clientContext.ts'
import { createNonceSource } from './nonceSource.ts'

/** Where the mesh is and who is asking. */
export type ConnectParameters = {
  /** Origin of the coordinator, e.g. `http://127.0.0.1:7411`. */
  coordinatorUrl: string
  /** JSON-RPC endpoint of the chain. */
  rpcUrl: string
  /** Signs orders and transactions; a client without one can only read and verify. */
  account?: LocalAccount | { walletClient: WalletClient } | undefined
  /**
   * Address of DuckMesh, when it is known from elsewhere.
   *
   * Warning: without it the coordinator names the contract that deposits go to. Pass it wherever money is real.
   */
  mesh?: Address | undefined
  /** Address of EvidenceAnchors. @default the one of this version's deployment on the chain, if there is one */
  evidenceAnchors?: Address | undefined
  /** First block that can hold events of DuckMesh. @default 0n */
  fromBlock?: bigint | undefined
  /** Longest time for one answer of coordinator, node or chain, milliseconds. @default 15000 */
  timeoutMs?: number | undefined
  /** How often a sent transaction is looked for, milliseconds. @default 100 on chain 31337, 2000 elsewhere */
  pollingIntervalMs?: number | undefined
  /** Network stack. @default the global `fetch` */
  fetch?: Fetch | undefined
}

const LOCAL_CHAIN_ID = 31_337

/**
 * Connects to a mesh: reads the coordinator's terms and checks that the chain behind `rpcUrl` is theirs.
 * @throws DuckMeshError `WRONG_CHAIN` when chain id, contract or token differ or have no code, `SERVICE_UNAVAILABLE`,
 * `CHAIN_UNAVAILABLE`, `BAD_CONFIG`
 */
export async function connect(parameters: ConnectParameters): Promise<ClientContext> {
  const { coordinatorUrl, rpcUrl, timeoutMs = 15_000, fromBlock = 0n } = parameters
  const fetch: Fetch = parameters.fetch ?? ((url, init) => globalThis.fetch(url, init))
  const coordinator = new CoordinatorClient({ url: coordinatorUrl, timeoutMs, fetch })
  const info = await coordinator.info()
  const chain = defineChain({
    id: info.chainId,
    name: 'DuckMesh chain',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  })
  const pollingInterval = parameters.pollingIntervalMs ?? (chain.id === LOCAL_CHAIN_ID ? 100 : 2_000)
  const transport = http(rpcUrl, { timeout: timeoutMs, retryCount: 2, batch: true })
  const publicClient: PublicClient<Transport, Chain> = createPublicClient({
    chain,
    transport,
    pollingInterval,
  })
  const context: ClientContext = {
    coordinator,
    info,
    domain: { chainId: info.chainId, verifyingContract: pinned('mesh', parameters.mesh) ?? info.mesh },
    token: info.token,
    evidenceAnchors:
      pinned('evidenceAnchors', parameters.evidenceAnchors) ??
      addressesOf(info.chainId)?.modules.EvidenceAnchors,
    publicClient,
    wallet: walletFor(parameters.account, chain, transport),
    fromBlock,
    sends: pLimit(1),
    nonces: createNonceSource(),
    fetch,
    timeoutMs,
    coordinatorClockOffsetSeconds: info.nowSeconds - Math.floor(Date.now() / 1000),
  }
  await checkChain(context, info)
  return context
}

// checksummed, as every address that comes from the chain or the wire is
function pinned(setting: string, address: Address | undefined): Address | undefined {
  if (address === undefined) return undefined
  if (isAddress(address, { strict: false })) return getAddress(address)
  throw new DuckMeshError('BAD_CONFIG', `"${address}" is not an address.`, { setting })
}

function walletFor(
  account: ConnectParameters['account'],
  chain: Chain,
  transport: Transport,
): Wallet | undefined {
  if (!account) return undefined
  if (!('walletClient' in account)) return createWalletClient({ account, chain, transport })
  const { walletClient } = account
  if (hasAccount(walletClient)) return walletClient
  throw new DuckMeshError('BAD_CONFIG', 'The wallet client has no account.', { setting: 'account' })
}

// the chain may be missing: the one of the RPC endpoint is what every call here is simulated on
const hasAccount = (wallet: WalletClient): wallet is WalletClient<Transport, Chain, Account> =>
  wallet.account !== undefined

async function checkChain(context: ClientContext, info: CoordinatorInfo): Promise<void> {
  const { publicClient, domain, token } = context
  const { verifyingContract: mesh } = domain
  const refuse = (message: string, details: Record<string, unknown>) =>
    new DuckMeshError('WRONG_CHAIN', message, details)
  if (!isAddressEqual(mesh, info.mesh)) {
    throw refuse('The coordinator works for another DuckMesh contract.', { mesh, got: info.mesh })
  }
  const [chainId, meshCode, tokenCode] = await Promise.all([
    publicClient.getChainId(),
    publicClient.getCode({ address: mesh }),
    publicClient.getCode({ address: token }),
  ]).catch((thrown: unknown) => {
    throw chainError(thrown, 'connecting to the chain')
  })
  if (chainId !== info.chainId) {
    const message = `The RPC endpoint serves chain ${chainId}, the coordinator works on chain ${info.chainId}.`
    throw refuse(message, { chainId, want: info.chainId })
  }
  if (!meshCode || !tokenCode)
    throw refuse('There is no DuckMesh at this address on the chain.', { mesh, token })
  const meshToken = await readMesh(context, 'token', [])
  if (!isAddressEqual(meshToken, token)) {
    throw refuse('DuckMesh holds another token than the coordinator says.', { token: meshToken, got: token })
  }
}

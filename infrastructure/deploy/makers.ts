import { DuckMeshError } from '@duckmesh/protocol'
import {
  type Address,
  concat,
  getAddress,
  getContractAddress,
  getCreate2Address,
  type Hex,
  keccak256,
  stringToHex,
  type TransactionReceipt,
} from 'viem'
import type { Chain, ChainRequest } from './chain.ts'
import type { Journal } from './journal.ts'

/** The deterministic deployment proxy, at the same address on every chain that has it. */
export const FACTORY: Address = '0x4e59b44847b379578588920cA78FbF26c0B4956C'
/** Its code. What is not this code is not that proxy. */
const FACTORY_CODE =
  '0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3'

/** A way to bring a contract to an address that is known before. */
export type Maker = {
  kind: 'create2' | 'create'
  /** Where the contract is or will be. */
  find(name: string, initCode: Hex): Promise<{ address: Address; isThere: boolean }>
  /** The transaction that makes it. */
  request(initCode: Hex): ChainRequest
  /** Makes it. Only after {@link Maker.find} said that it is not there. */
  make(name: string, initCode: Hex, onSigned: () => void): Promise<TransactionReceipt>
}

/** Takes the deterministic proxy where the chain has it. */
export async function chooseMaker(chain: Chain, salt: string, journal: Journal): Promise<Maker> {
  const code = await chain.reader.getCode({ address: FACTORY })
  return code === FACTORY_CODE ? create2Maker(chain, salt) : createMaker(chain, journal)
}

/**
 * Addresses follow from salt and creation code, constructor arguments included. So code at the address is the contract,
 * whoever sent it there, and a second run finds it.
 */
function create2Maker(chain: Chain, salt: string): Maker {
  const saltHash = keccak256(stringToHex(salt))
  const request = (initCode: Hex) => ({ to: FACTORY, data: concat([saltHash, initCode]) })
  return {
    kind: 'create2',
    request,
    async find(_name, initCode) {
      const address = getCreate2Address({ from: FACTORY, salt: saltHash, bytecode: initCode })
      return { address, isThere: (await chain.reader.getCode({ address })) !== undefined }
    },
    make: (name, initCode, onSigned) => chain.send(request(initCode), name, async () => onSigned()),
  }
}

/**
 * Addresses follow from the account and its nonces. What was made is known from the journal, which has the hash of each
 * transaction before anybody else has the transaction.
 */
function createMaker(chain: Chain, journal: Journal): Maker {
  const { account, reader } = chain
  let planned = 0 // contracts that were asked for but not made, as in a dry run
  return {
    kind: 'create',
    request: (initCode) => ({ data: initCode }),
    async find(name, initCode) {
      const made = journal.created[name]
      // not mined is not found: who is killed between signing and sending has an entry without a transaction
      const receipt = made && (await minedReceipt(chain, made.transactionHash))
      if (made && receipt?.status === 'success') {
        if (made.initCodeHash !== keccak256(initCode)) throw builtOtherwise(name, receipt.contractAddress)
        return { address: getAddress(receipt.contractAddress!), isThere: true }
      }
      const nonce = await reader.getTransactionCount({ address: account.address, blockTag: 'pending' })
      const address = getContractAddress({ from: account.address, nonce: BigInt(nonce + planned++) })
      return { address, isThere: false }
    },
    async make(name, initCode, onSigned) {
      planned = 0
      return chain.send({ data: initCode }, name, async (transactionHash) => {
        journal.created[name] = { transactionHash, initCodeHash: keccak256(initCode) }
        await journal.save()
        onSigned()
      })
    },
  }
}

/** Waits for a transaction that the chain knows; undefined for one that it does not. */
async function minedReceipt({ reader }: Chain, hash: Hex): Promise<TransactionReceipt | undefined> {
  const isKnown = await reader.getTransaction({ hash }).then(
    () => true,
    (error: Error) => {
      if (error.name === 'TransactionNotFoundError') return false
      throw error
    },
  )
  return isKnown ? reader.waitForTransactionReceipt({ hash }) : undefined
}

const builtOtherwise = (name: string, address: Address | null | undefined): DuckMeshError =>
  new DuckMeshError('DEPLOYMENT_DIFFERS', `${name} was built with other code or other settings.`, {
    faults: [{ module: name, read: 'creation code', expected: 'that of these settings', found: address }],
  })

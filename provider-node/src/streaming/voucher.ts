import {
  type ChannelConfig,
  DuckMeshError,
  isSignedBy,
  type MeshDomain,
  type SignedVoucher,
  voucherTypedData,
} from '@duckmesh/protocol'
import { type Hex, hexToBigInt, hexToNumber, size, slice } from 'viem'

/** Half the order of secp256k1: the contract refuses the malleable twin of a signature (EIP-2). */
const MAX_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n

/**
 * Checks that a voucher can be claimed: signed by the payer key of the channel, in the very form that the contract
 * takes. A signature that only a library accepts would be work for nothing.
 * @throws DuckMeshError `BAD_SIGNATURE`
 */
export async function checkVoucher(
  domain: MeshDomain,
  channelId: Hex,
  config: ChannelConfig,
  { maxCumulativeWei, signature }: SignedVoucher,
): Promise<void> {
  const signed = { ...voucherTypedData(domain, { channelId, maxCumulativeWei }), signature }
  if (isClaimable(signature) && (await isSignedBy(signed, config.payerKey))) return
  throw new DuckMeshError('BAD_SIGNATURE', 'The voucher is not signed by the payer key of the channel.', {
    channelId,
    payerKey: config.payerKey,
  })
}

function isClaimable(signature: Hex): boolean {
  if (size(signature) !== 65) return false
  const v = hexToNumber(slice(signature, 64))
  return (v === 27 || v === 28) && hexToBigInt(slice(signature, 32, 64)) <= MAX_S
}

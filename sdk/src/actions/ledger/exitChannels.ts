import { DuckMeshError } from '@duckmesh/protocol'
import { chainNowSeconds } from '../../chain/chainTime.ts'
import { sendToMesh } from '../../chain/sendTransaction.ts'
import type { ClientContext } from '../../clients/clientContext.ts'
import { type AccountChannel, getChannels } from './getChannels.ts'

/**
 * Takes the account's money out of its channels: starts the close of every channel that holds some, and ends those whose
 * delay is over. Needs the account's key alone, so it brings back what is in the channels of a purse that was lost; what
 * providers have earned they can claim until the delay is over. Calling it again goes on.
 *
 * Warning: a gateway that still uses one of the channels has to top it up to go on.
 * @returns the channels as they are then
 * @throws DuckMeshError `BAD_CONFIG` without an account, `CHAIN_UNAVAILABLE`, `CHAIN_REVERTED`
 */
export async function exitChannels(context: ClientContext): Promise<AccountChannel[]> {
  const nowSeconds = await chainNowSeconds(context)
  for (const { config, fundedWei, claimedWei, closableAfter } of await getChannels(context)) {
    if (fundedWei === claimedWei || (closableAfter > 0 && nowSeconds <= closableAfter)) continue
    const functionName = closableAfter === 0 ? 'startClose' : 'close'
    await sendToMesh(context, { functionName, args: [config] }).catch((thrown: unknown) => {
      // a gateway of the account has done it meanwhile
      const { reason } = DuckMeshError.from(thrown).details
      if (reason !== 'AlreadyClosing' && reason !== 'NotClosing') throw thrown
    })
  }
  return getChannels(context)
}

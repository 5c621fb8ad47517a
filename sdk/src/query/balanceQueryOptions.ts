import type { Address } from 'viem'
import type { Balance } from '../actions/ledger/getBalance.ts'
import type { DuckMeshClient } from '../clients/DuckMeshClient.ts'

/**
 * Query options of an account's balances, asked again every four seconds.
 * @param parameters `account` undefined = the client's own
 * @example useQuery(balanceQueryOptions(client, {}))
 */
export const balanceQueryOptions = (
  client: DuckMeshClient,
  { account = client.account }: { account?: Address | undefined } = {},
) => ({
  queryKey: ['duckmesh', client.context.domain, 'balance', account] as const,
  enabled: account !== undefined,
  queryFn: (): Promise<Balance> => client.getBalance(account),
  refetchInterval: 4_000,
})

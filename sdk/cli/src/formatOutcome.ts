import { formatDuck, type Outcome } from '@duckmesh/protocol'
import { formatTable } from './formatTable.ts'

/** Who was paid and who lost what, as an aligned table. */
export function formatOutcome({ paid, slashed, refundedWei }: Outcome): string {
  const duck = (wei: bigint) => `${formatDuck(wei)} DUCK`
  return formatTable([
    ...paid.map(({ providerId, earnedWei }) => ['paid', `provider ${providerId}`, duck(earnedWei)]),
    ...slashed.map(({ providerId, reason, toRequesterWei, toSeatsWei, burnedWei }) => [
      'slashed',
      `provider ${providerId}`,
      duck(toRequesterWei + toSeatsWei + burnedWei),
      `${reason}; ${duck(burnedWei)} burned, ${duck(toRequesterWei)} to the buyer`,
    ]),
    ['returned', '', duck(refundedWei)],
  ])
}

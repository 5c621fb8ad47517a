import {
  evidenceMeaning,
  measureSla,
  type ProviderId,
  type ProviderSla,
  type SlaFigures,
  type SlaTier,
  type SlaWindow,
  slaFailures,
  slaTierOf,
} from '@duckmesh/protocol'
import type { ClientContext } from '../../clients/clientContext.ts'
import { anchorsOf, inclusionProblems } from './inclusion.ts'

/** One measured window with what does not hold of it. */
export type CheckedWindow = { window: SlaWindow; problems: string[] }

/** Measured service of a provider. */
export type VerifiedSla = {
  providerId: ProviderId
  /** Figures over all windows that hold, from their samples. */
  figures: SlaFigures
  tier: SlaTier
  /** Seconds that these windows cover. */
  coveredSeconds: number
  windows: CheckedWindow[]
  proves: string
  doesNotProve: string
}

/**
 * Fetches the latest measurements of a provider, checks each, and computes the figures over those that hold: signed by
 * the coordinator, following from their samples, anchored, and no moment counted twice.
 *
 * What it cannot see: whether the samples are true, and windows that the coordinator leaves out of its answer.
 * @throws DuckMeshError `NOT_FOUND` when the coordinator keeps no evidence, `SERVICE_UNAVAILABLE`, `CHAIN_UNAVAILABLE`,
 * `BAD_CONFIG`
 */
export async function verifySla(context: ClientContext, providerId: ProviderId): Promise<VerifiedSla> {
  anchorsOf(context)
  const { windows } = await context.coordinator.providerSla(providerId)
  const sorted = windows.toSorted((a, b) => a.item.window.from - b.item.window.from)
  const checked = await Promise.all(sorted.map((placed) => problemsOf(context, providerId, placed)))
  let endedAt = 0
  const held = sorted.filter(({ item: { window } }, at) => {
    if (window.from < endedAt) checked[at]!.push('overlaps another window')
    if (checked[at]!.length > 0) return false
    endedAt = window.until
    return true
  })
  const figures = measureSla(held.map(({ item }) => item.samples))
  return {
    providerId,
    figures,
    tier: slaTierOf(figures),
    coveredSeconds: held.reduce((sum, { item: { window } }) => sum + window.until - window.from, 0),
    windows: sorted.map(({ item }, at) => ({ window: item.window, problems: checked[at]! })),
    ...evidenceMeaning.sla,
  }
}

async function problemsOf(
  context: ClientContext,
  providerId: ProviderId,
  placed: ProviderSla['windows'][number],
): Promise<string[]> {
  const failed = await slaFailures(context.domain, placed.item, context.info.address)
  const isOurs = placed.item.window.providerId === providerId
  const subject = isOurs ? [] : ['it is about another provider']
  return [...subject, ...failed, ...(await inclusionProblems(context, placed))]
}

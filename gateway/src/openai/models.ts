import { DuckMeshError, type StreamApi } from '@duckmesh/protocol'
import type { BuyerModel } from '../buyer.ts'

/** Hex digits of a policy that name it beside its model: enough to be typed, too many to meet by chance. */
const PREFIX_DIGITS = 8

/**
 * Finds the model that a client names: its name (`stories15m`), its name with the beginning of a policy
 * (`stories15m@0c1deacd`), or the whole policy (`0x…`).
 * @throws DuckMeshError `UNKNOWN_MODEL`, `BAD_REQUEST` for a beginning that fits several
 */
export function findModel(models: readonly BuyerModel[], wanted: string, api?: StreamApi): BuyerModel {
  const fitting = models.filter((model) => isNamed(model, wanted))
  const [found, second] = api ? fitting.filter((model) => model.apis.includes(api)) : fitting
  if (!found) {
    const message =
      fitting.length > 0
        ? `The model "${wanted}" takes ${fitting[0]!.apis.join(', ')}, not ${api}.`
        : `No provider streams the model "${wanted}".`
    throw new DuckMeshError('UNKNOWN_MODEL', message, {
      param: 'model',
      models: models.map((model) => modelId(models, model)),
    })
  }
  if (second && wanted.includes('@')) {
    throw new DuckMeshError('BAD_REQUEST', `"${wanted}" fits several policies: give more digits.`, {
      param: 'model',
    })
  }
  return found
}

function isNamed({ policy, profile }: BuyerModel, wanted: string): boolean {
  if (/^0x[0-9a-fA-F]{64}$/.test(wanted)) return policy === wanted.toLowerCase()
  if (profile.name === wanted) return true
  const at = wanted.lastIndexOf('@')
  const digits = wanted
    .slice(at + 1)
    .toLowerCase()
    .replace(/^0x/, '')
  return at > 0 && digits !== '' && profile.name === wanted.slice(0, at) && policy.slice(2).startsWith(digits)
}

/** Id of a model in the list: its name, with the beginning of its policy where several have that name. */
export function modelId(models: readonly BuyerModel[], { policy, profile }: BuyerModel): string {
  const isAlone = models.filter((other) => other.profile.name === profile.name).length === 1
  return isAlone ? profile.name : `${profile.name}@${policy.slice(2, 2 + PREFIX_DIGITS)}`
}

/** A model in the form of the OpenAI API. Source: OpenAI API reference, "The model object". */
export const modelBody = (models: readonly BuyerModel[], model: BuyerModel) => ({
  id: modelId(models, model),
  object: 'model' as const,
  /** Profiles have no date. */
  created: 0,
  owned_by: 'duckmesh',
  duckmesh: {
    policy: model.policy,
    profile: model.profile,
    apis: model.apis,
    providers: model.providers,
    price: model.price,
  },
})

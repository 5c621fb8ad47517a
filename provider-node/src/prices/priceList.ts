import { DuckMeshError, parseDuck, type StreamOffer } from '@duckmesh/protocol'
import { z } from 'zod'

/** What streams of one model cost, and the least that a stranger promises, DUCK wei. */
export type StreamPrices = Pick<StreamOffer, 'requestWei' | 'promptTokenWei' | 'tokenWei' | 'strangerCapWei'>

/** What a node asks for its work, DUCK wei. */
export type PriceList = {
  /** Least gross price of one seat or directed job. */
  seatWei: bigint
  /** Streams of models that have no prices of their own. */
  stream: StreamPrices
  /** Streams of a model, by its name. */
  models: ReadonlyMap<string, StreamPrices>
}

const duck = z
  .string()
  .regex(/^[0-9]{1,10}(\.[0-9]{1,18})?$/, { error: 'not an amount of DUCK such as "0.05"' })
  .transform(parseDuck)
const streamShape = {
  requestDuck: duck.optional(),
  promptTokenDuck: duck.optional(),
  tokenDuck: duck.optional(),
  strangerCapDuck: duck.optional(),
}
const fileSchema = z.strictObject({
  minPriceDuck: duck.optional(),
  ...streamShape,
  models: z.record(z.string().max(256), z.strictObject(streamShape)).optional(),
})

/**
 * Reads a list of prices: JSON with amounts of DUCK as text. What it does not name costs what the settings say, and what
 * a model does not name costs what all do.
 * @param base prices by the settings
 * @param known names of the models that this node serves: a name that is none of them is a slip
 * @throws DuckMeshError `BAD_CONFIG` that says which fields are wrong
 * @example parsePriceList('{"tokenDuck":"0.0002","models":{"tesseract-eng":{"requestDuck":"0.01"}}}', base, names)
 */
export function parsePriceList(text: string, base: PriceList, known: readonly string[]): PriceList {
  const parsed = fileSchema.safeParse(fromJson(text))
  if (!parsed.success) {
    const issues = parsed.error.issues.map(
      (issue) => `${issue.path.join('.') || 'the whole'}: ${issue.message}`,
    )
    throw badPrices(issues.join('; '), { issues })
  }
  const { minPriceDuck, models = {}, ...all } = parsed.data
  const strangers = Object.keys(models).filter((name) => !known.includes(name))
  if (strangers.length > 0) {
    throw badPrices(`this node serves no ${strangers.join(', ')}, but ${known.join(', ')}`, {
      models: strangers,
    })
  }
  const stream = withPrices(base.stream, all)
  return {
    seatWei: minPriceDuck ?? base.seatWei,
    stream,
    models: new Map(Object.entries(models).map(([name, own]) => [name, withPrices(stream, own)])),
  }
}

const withPrices = (
  base: StreamPrices,
  own: { [Name in keyof typeof streamShape]?: bigint | undefined },
): StreamPrices => ({
  requestWei: own.requestDuck ?? base.requestWei,
  promptTokenWei: own.promptTokenDuck ?? base.promptTokenWei,
  tokenWei: own.tokenDuck ?? base.tokenWei,
  strangerCapWei: own.strangerCapDuck ?? base.strangerCapWei,
})

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw badPrices('it is no JSON', {}, cause)
  }
}

const badPrices = (fault: string, details: Record<string, unknown>, cause?: unknown): DuckMeshError =>
  new DuckMeshError(
    'BAD_CONFIG',
    `The list of prices is wrong: ${fault}.`,
    { setting: 'PRICES_FILE', ...details },
    { cause },
  )

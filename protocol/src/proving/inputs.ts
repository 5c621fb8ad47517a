import { z } from 'zod'
import { GROUP_ORDER } from '../groth16/orders.ts'

const element = z
  .union([z.bigint(), z.int(), z.string().regex(/^\d{1,78}$/)], { error: 'not a number' })
  .transform(BigInt)
  .refine((value) => value >= 0n && value < GROUP_ORDER, { error: 'not from 0 to the group order' })

/** One input of a circuit; a list may be nested, as the signal is. */
export type CircuitValues = bigint | CircuitValues[]
const values: z.ZodType<CircuitValues> = z.lazy(() => z.union([element, z.array(values)]))

/** Inputs of a circuit by name, as a prover reads them: numbers below the group order, or decimal text. */
export const circuitValuesSchema = z.record(z.string().regex(/^[A-Za-z_$][\w$]{0,63}$/), values)

/**
 * What is wrong with inputs, for `details.issues`: by name, and never with a value, which may be secret.
 * @param error of {@link circuitValuesSchema}
 */
export const inputIssues = ({ issues }: z.ZodError): string[] =>
  issues.slice(0, 8).map(({ path, message }) => `${path.join('.')}: ${message}`)

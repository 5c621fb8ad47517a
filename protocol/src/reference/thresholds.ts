import { z } from 'zod'
import calibrated from './thresholds.json' with { type: 'json' }

const limitsSchema = z.strictObject({
  largestDistanceNats: z.number().positive(),
  meanDistanceNats: z.number().positive(),
  meanDeltaNats: z.number().positive(),
})

const calibrationSchema = z.strictObject({
  /** sha256 of the model file, lower-case hex without 0x. */
  model: z.string().regex(/^[0-9a-f]{64}$/),
  name: z.string(),
  /** Of provider and validator, in alphabetical order. */
  kernelClasses: z.tuple([z.string(), z.string()]),
  /** Up to here an answer is accepted. */
  accept: limitsSchema,
  /** Beyond here it is rejected. */
  reject: limitsSchema,
  /** What it was measured on: honest answers, their tokens, and the largest figures among them. */
  honest: z.strictObject({
    answers: z.int().positive(),
    tokens: z.int().positive(),
    largestDistanceNats: z.number(),
    meanDistanceNats: z.number(),
    meanDeltaNats: z.number(),
  }),
})
export type Calibration = z.output<typeof calibrationSchema>

/** The measured pairs of kernel classes, written by `npm run bench -- replay --save`. */
export const calibrations: readonly Calibration[] = z.array(calibrationSchema).parse(calibrated)

/** Limits of a grade. */
export type ReplayThresholds = {
  accept: z.output<typeof limitsSchema>
  /** null: nothing was measured, so nothing is rejected for its distance. */
  reject: z.output<typeof limitsSchema> | null
}

/** For models and machines that nobody has measured: close answers are accepted, others checked again. */
const unmeasured: ReplayThresholds = {
  accept: { largestDistanceNats: 0.1, meanDistanceNats: 0.005, meanDeltaNats: 0.02 },
  reject: null,
}

/**
 * Limits for an answer of one machine that is replayed on another.
 * @param model sha256 of the model file, lower-case hex without 0x
 * @example thresholdsFor(profile.model, profile.kernelClass, figures.kernelClass)
 */
export function thresholdsFor(model: string, provider: string, validator: string): ReplayThresholds {
  const pair = [provider, validator].toSorted()
  const found = calibrations.find(
    (entry) => entry.model === model && entry.kernelClasses.every((name, index) => name === pair[index]),
  )
  return found ?? unmeasured
}

/** Upper end of the 95 % interval of a rate when an event was never seen in `trials` (rule of three). */
export const ruleOfThree = (trials: number): number => 3 / trials

import type { completionRequestSchema } from '@duckmesh/protocol'

/** A text to go on with. */
export type Completion = ReturnType<typeof completionRequestSchema.parse>

const people = [
  'Lily',
  'Tom',
  'a little duck',
  'Ben',
  'the old cat',
  'Anna',
  'a small robot',
  'Max',
  'Mia',
  'a shy fox',
]
const places = [
  'in the park',
  'by the sea',
  'in a big forest',
  'at home',
  'on a farm',
  'near the river',
  'at school',
]
const things = [
  'a red ball',
  'a shiny key',
  'a box of toys',
  'a new friend',
  'a big cake',
  'a lost puppy',
  'an old boat',
]
const moods = ['very happy', 'sad', 'afraid', 'curious', 'tired', 'proud', 'hungry', 'excited']
const sampling = [
  { temperature: 0, topP: 1 },
  { temperature: 0.7, topP: 1 },
  { temperature: 0, topP: 1 },
  { temperature: 1, topP: 0.9 },
  { temperature: 0, topP: 1 },
  { temperature: 1, topP: 1 },
  { temperature: 0, topP: 1 },
  { temperature: 1.4, topP: 0.95 },
] as const

/** Answers that end by themselves: every second one at a stop text, the others where the story ends. */
export const ending = (count: number, seed: number): Completion[] =>
  completions(count, seed, { maxTokens: 200 }).map((request, index) =>
    index % 2 === 0 ? { ...request, stop: ['.'] } : request,
  )

/**
 * Requests like those of users, the same ones for the same seed: two or three sentences to go on with, half of them
 * greedy.
 * @param seed where to begin; requests of seeds that are `count` apart share nothing
 */
export function completions(count: number, seed: number, fields: Partial<Completion> = {}): Completion[] {
  return Array.from({ length: count }, (_, index) => {
    const number = seed + index
    const pick = <Item>(items: readonly Item[], salt: number): Item =>
      items[(Math.imul(number * 7 + salt, 2_654_435_761) >>> 8) % items.length]!
    const who = pick(people, 1)
    const first = `One day, ${who} was ${pick(places, 2)} and found ${pick(things, 3)}.`
    const second = `${pick(people, 4)} came too and was ${pick(moods, 5)}.`
    const third = number % 3 === 0 ? ` They wanted to play with ${pick(things, 6)}, but` : ''
    return {
      api: 'completion',
      prompt: `${first} ${second}${third}`,
      maxTokens: [16, 32, 48, 64][number % 4]!,
      ...sampling[(number >> 2) % sampling.length]!,
      seed: number,
      stop: [],
      topLogprobs: 0,
      continueFrom: [],
      ...fields,
    }
  })
}

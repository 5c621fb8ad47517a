import type { VerificationMode } from '@duckmesh/protocol'

/** What a mode of verification is good for, in plain words. */
export type Guarantee = {
  /** What the buyer can be sure of. */
  proves: string
  /** What it must not take from that. */
  notProved: string
}

/** Modes on the menu, cheapest first. An auction is a way of pricing, not of checking. */
export const menuModes = [
  'signed',
  'reference',
  'redundant',
  'attested',
  'proof',
] as const satisfies VerificationMode[]
export type MenuMode = (typeof menuModes)[number]

/** The menu, in one place: what is said to clients, in documents and on pages is this. */
export const guarantees: Record<MenuMode, Guarantee> = {
  signed: {
    proves:
      'The provider signed which answer it gave to which request, for how many tokens and how much; every chunk is in ' +
      'that signature, and the gateway has checked it. Two different receipts for one job cost the provider its stake.',
    notProved: 'That the answer came from the model that was asked for, or is right: nobody ran it again.',
  },
  reference: {
    proves:
      'As signed, and the answer can be replayed: its tokens and log-probabilities are in the signature, and the gateway ' +
      'has a share of all answers run through the same model by others. A provider that serves another one is found in time.',
    notProved:
      'That this very answer was checked: after a good start most are not. Sealed requests cannot be bought this way, since a ' +
      'validator would read them. A provider that is caught is never asked again by this buyer; its stake is not touched by that.',
  },
  redundant: {
    proves:
      'Several providers, drawn by lot, ran it without seeing each other, and more than half gave exactly this answer. ' +
      'Each was bound before any of them showed what it had. Who copies, stays silent or differs loses its bond.',
    notProved: 'That the answer is right when the majority of the drawn seats works together.',
  },
  attested: {
    proves:
      'A hardware enclave with a known program holds the signing key, by a quote of its maker, so that program made the ' +
      'answer.',
    notProved: 'Anything against whoever breaks the hardware or its maker; the program itself may be wrong.',
  },
  proof: {
    proves: 'A zero-knowledge proof, checked on chain: this computation, on this input, gives this output.',
    notProved: 'Anything about models without a circuit: language models have none.',
  },
}

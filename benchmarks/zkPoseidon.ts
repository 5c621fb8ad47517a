import { comparePoseidon } from '@duckmesh/circuits/bench'
import { type Bench, bars } from './bench.ts'

/** Our Poseidon template against circomlib's: the same values and constraints, fewer factors for the prover. */
export const zkPoseidon: Bench = {
  about: 'A digest of 435 elements with our Poseidon and with circomlib’s, proved with snarkjs in one run',
  run: async (say) => {
    const figures = await comparePoseidon(say, 3)
    return { figures, bars: bars(figures, { circomlibToOursZkeyRatio: '>=1.5' }) }
  },
}

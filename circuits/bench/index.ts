// What benchmarks and tests of other packages use.
export { examples } from './examples.ts'
export { comparePoseidon } from './poseidon.ts'

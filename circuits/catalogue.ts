import { constantMain } from './zkml/constantMain.ts'
import { loadModel } from './zkml/models/index.ts'
import { digitsShape, shapeArguments } from './zkml/packing.ts'

/** A circuit of this package: what it proves, and the signals that its verifier is given. */
export interface Circuit {
  name: string
  /** One sentence for whoever checks a proof of it. */
  proves: string
  /** Public signals in the order of the proof; a list of k is written `name[k]`. */
  publicSignals: string[]
  /** Most constraints that it may grow to; a change beyond it fails the tests. */
  maxConstraints: number
  /** Too large for the set-up that every test run makes; its keys are made by name. */
  large?: true
  /** Text of the main file. */
  main(): string
}

const instance = (file: string, call: string, publicInputs: string[]) =>
  `pragma circom 2.2.2;\n\ninclude "../${file}";\n\ncomponent main {public [${publicInputs.join(', ')}]} = ${call};\n`

const shape = shapeArguments(digitsShape)
const [width1, width2] = digitsShape.widths
const [per1, per2] = digitsShape.perElement

/** Every circuit that has keys, by name. */
export const catalogue: Circuit[] = [
  {
    name: 'digits-constant',
    proves: 'The digit classifier gives this class for the committed image (mode K: the key is the model).',
    publicSignals: ['class', 'inputCommitment', 'ctx'],
    maxConstraints: 1_900,
    main: () => constantMain(loadModel('digits')),
  },
  {
    name: 'digits-allowed',
    proves:
      'The digit classifier puts the committed image into one of the allowed classes; which one stays hidden.',
    publicSignals: ['inputCommitment', 'allowed', 'ctx'],
    maxConstraints: 1_930,
    main: () => constantMain(loadModel('digits'), 'allowed'),
  },
  {
    name: 'digits-packed',
    proves: 'The classifier with these public weights gives this class for the committed image (mode P).',
    publicSignals: ['class', 'inputCommitment', 'ctx', 'weights1[394]', 'weights2[31]'],
    maxConstraints: 2_600,
    main: () => instance('zkml/packed.circom', `PackedClassifier(${shape})`, ['ctx', 'weights1', 'weights2']),
  },
  {
    name: 'digits-hidden',
    proves: 'The classifier behind this commitment gives this class for the committed image (mode C).',
    publicSignals: ['class', 'inputCommitment', 'modelCommitment', 'ctx'],
    maxConstraints: 20_500,
    main: () => instance('zkml/packed.circom', `HiddenClassifier(1, ${shape})`, ['ctx']),
  },
  {
    name: 'lenet-constant',
    proves: 'The convolutional digit classifier gives this class for the committed image (mode K).',
    publicSignals: ['class', 'inputCommitment', 'ctx'],
    maxConstraints: 24_000,
    main: () => constantMain(loadModel('lenet')),
  },
  {
    name: 'record-range',
    proves: 'The value of the committed record of this schema lies between the bounds.',
    publicSignals: ['commitment', 'schema', 'low', 'high', 'ctx'],
    maxConstraints: 400,
    main: () => instance('predicates/record-range.circom', 'RecordRange()', ['schema', 'low', 'high', 'ctx']),
  },
  {
    name: 'membership',
    proves: 'The committed value is in the set with this root; which one stays hidden.',
    publicSignals: ['commitment', 'root', 'ctx'],
    maxConstraints: 3_300,
    main: () => instance('predicates/membership.circom', 'Membership(10)', ['root', 'ctx']),
  },
  {
    name: 'model-integrity-output',
    proves:
      'The committed digit classifier has these layer digests, and its output layer has weights of 8 bits.',
    publicSignals: ['modelCommitment', 'digest[2]', 'ctx'],
    maxConstraints: 4_300,
    main: () =>
      instance('predicates/model-integrity.circom', `ModelIntegrity(31, 10, ${width2}, ${per2}, 8, 1)`, [
        'digest',
        'ctx',
      ]),
  },
  {
    name: 'model-integrity-hidden',
    proves:
      'The committed digit classifier has these layer digests, and its hidden layer has weights of 8 bits.',
    publicSignals: ['modelCommitment', 'digest[2]', 'ctx'],
    maxConstraints: 65_500,
    large: true,
    main: () =>
      instance('predicates/model-integrity.circom', `ModelIntegrity(197, 30, ${width1}, ${per1}, 8, 0)`, [
        'digest',
        'ctx',
      ]),
  },
]

/** @returns the circuit of that name. @throws RangeError when there is none */
export function circuitNamed(name: string): Circuit {
  const circuit = catalogue.find((entry) => entry.name === name)
  if (circuit === undefined) throw new RangeError(`There is no circuit "${name}".`)
  return circuit
}

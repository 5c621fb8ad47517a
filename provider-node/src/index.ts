export { connectChain } from './adapters/connectChain.ts'
export { createHttpCoordinatorClient } from './adapters/httpCoordinatorClient.ts'
export { systemClock } from './adapters/systemClock.ts'
export { type Config, parseConfig } from './config.ts'
export type { Overrides } from './container.ts'
export { createExecutor, createExecutors } from './createExecutors.ts'
export { createNode, type Node } from './createNode.ts'
export type { Executor } from './executors/executor.ts'
export type { GenerationEnd, GenerationStep, Generator, Piece } from './executors/generator.ts'
export { lockDataFolder } from './journal/lockDataFolder.ts'
export { installMinilm } from './models/minilm.ts'
export { installTinyllama } from './models/tinyllama.ts'
export type { CoordinatorClient } from './ports/coordinatorClient.ts'
export {
  type Observe,
  type ObserveStream,
  type Stage,
  type StreamStage,
  stages,
  streamStages,
} from './ports/observe.ts'

export { createApp } from './app.ts'
export { type Config, parseConfig } from './config.ts'
export { type Container, createContainer, type EvidenceStage, type Stage } from './container.ts'
export { type RunningCoordinator, startCoordinator } from './startCoordinator.ts'

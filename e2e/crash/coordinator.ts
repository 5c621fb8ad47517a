// The coordinator as it is, in a process that dies or stands still at a stage of a job when a test asks for it.
import process from 'node:process'
import { parseConfig, startCoordinator } from '@duckmesh/coordinator'
import { crashHook } from './crashPoint.ts'

const config = parseConfig(process.env)
const hook = crashHook(config.DATA_DIR)
const coordinator = await startCoordinator(config, { observe: hook, observeEvidence: hook })
process.once('SIGTERM', () => void coordinator.stop().then(() => process.exit(0)))

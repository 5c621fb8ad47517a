export {
  type AskValidator,
  type AskValidatorOptions,
  askValidator,
  type CheckedVerdict,
} from './askValidator.ts'
export {
  type Checker,
  type CheckerOptions,
  type CheckResult,
  createChecker,
  type ReceivedAnswer,
} from './checker.ts'
export { chooseValidators, type ValidatorListing } from './chooseValidators.ts'
export { openReference } from './openReference.ts'
export type { ReferenceOptions } from './referee.ts'
export { openSqliteStandingStore } from './sqliteStandingStore.ts'
export type { Standing, StandingChange, StandingStore } from './standing.ts'
export { validatorListings } from './validatorListings.ts'

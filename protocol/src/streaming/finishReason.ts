/** Why an answer ended. `unpaid`: the voucher did not come in time; `cut`: the client went away. */
export const streamFinishReasons = ['stop', 'length', 'tool_calls', 'unpaid', 'cut', 'error'] as const
export type StreamFinishReason = (typeof streamFinishReasons)[number]

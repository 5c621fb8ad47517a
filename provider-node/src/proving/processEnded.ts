/** A process ended before it had answered: killed, out of memory, or crashed. Nothing that it did has left it. */
export class ProcessEnded extends Error {
  override readonly name = 'ProcessEnded'

  /**
   * @param program what ended
   * @param how exit code or signal
   * @param output end of what it wrote to its error output
   */
  constructor(program: string, how: string, output = '') {
    super(`${program} ended with ${how}. ${output}`.trim())
  }
}

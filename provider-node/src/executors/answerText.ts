/** Tokens that are held back at most while a character is not whole; a model that writes no UTF-8 gets U+FFFD. */
const MOST_PARTIAL = 16
const REPLACEMENT = '\ufffd'

/** Tokens with the text that they make together. */
export type AnswerPart<Item> = { items: Item[]; text: string }

/**
 * Turns tokens into the text of an answer as they come. A token is given with its text or not at all: it waits while
 * its last character is not whole, or while its text may be the beginning of a stop text. So whoever has all parts
 * so far can go on from there, on another node too.
 */
export class AnswerText<Item> {
  readonly #decode: (items: readonly Item[]) => string
  readonly #stops: readonly string[]
  #partial: Item[] = []
  #held: AnswerPart<Item>[] = []
  #heldText = ''
  #hasStopped = false

  /**
   * @param decode text of tokens that follow all those which it was given before
   * @param stops texts that end the answer and are not part of it
   */
  constructor(decode: (items: readonly Item[]) => string, stops: readonly string[]) {
    this.#decode = decode
    this.#stops = stops
  }

  /** Whether a stop text has come; nothing may be pushed after it. */
  get hasStopped(): boolean {
    return this.#hasStopped
  }

  /** Takes the next token and returns what may be given now, often nothing. */
  push(item: Item): AnswerPart<Item>[] {
    this.#partial.push(item)
    const text = this.#decode(this.#partial)
    if (text.endsWith(REPLACEMENT) && this.#partial.length < MOST_PARTIAL) return []
    return this.#take(text)
  }

  /** Ends the answer and returns what is left of it. */
  end(): AnswerPart<Item>[] {
    const parts = this.#partial.length > 0 ? this.#take(this.#decode(this.#partial)) : []
    return this.#hasStopped ? parts : [...parts, ...this.#release(this.#heldText.length)]
  }

  #take(text: string): AnswerPart<Item>[] {
    this.#held.push({ items: this.#partial, text })
    this.#partial = []
    this.#heldText += text
    const stopAt = this.#stopAt()
    if (stopAt !== undefined) {
      this.#hasStopped = true
      return this.#cut(stopAt)
    }
    return this.#release(this.#heldText.length - this.#mayBecomeStop())
  }

  /** Where the earliest stop text begins. */
  #stopAt(): number | undefined {
    const found = this.#stops.map((stop) => this.#heldText.indexOf(stop)).filter((index) => index >= 0)
    return found.length > 0 ? Math.min(...found) : undefined
  }

  /** Length of the longest end of the held text that a stop text begins with. */
  #mayBecomeStop(): number {
    const lengths = this.#stops.map((stop) => {
      for (let length = Math.min(stop.length - 1, this.#heldText.length); length > 0; length -= 1) {
        if (stop.startsWith(this.#heldText.slice(-length))) return length
      }
      return 0
    })
    return Math.max(0, ...lengths)
  }

  /** Gives the parts that lie wholly before a place of the held text. */
  #release(place: number): AnswerPart<Item>[] {
    let end = 0
    let count = 0
    for (const { text } of this.#held) {
      if (end + text.length > place) break
      end += text.length
      count += 1
    }
    this.#heldText = this.#heldText.slice(end)
    return this.#held.splice(0, count)
  }

  /** Gives what comes before a place; a token that lies across it keeps the text before it. */
  #cut(place: number): AnswerPart<Item>[] {
    const whole = this.#release(place)
    const rest = place - whole.reduce((sum, { text }) => sum + text.length, 0)
    const across = this.#held[0]
    return rest > 0 && across ? [...whole, { ...across, text: across.text.slice(0, rest) }] : whole
  }
}

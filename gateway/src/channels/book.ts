import { DuckMeshError, type JobId, type ProviderId } from '@duckmesh/protocol'
import pLimit from 'p-limit'
import type { Hex } from 'viem'
import type { ChannelRecord, PurseChange, PurseStore, StreamRecord } from '../ports/purseStore.ts'

/**
 * The purse's records in memory, always as they are in the store: every change is computed on the newest state, written,
 * and only then seen by others. One change runs at a time, so no two of them can undo each other. A crash of the machine
 * can take back the latest changes, and never an earlier one without the later: so what must not be taken back, which is
 * a promise that leaves, waits for `flushed`.
 */
export class PurseBook {
  readonly #store: PurseStore
  readonly #inTurn = pLimit(1)
  #isClosed = false
  readonly #channels = new Map<Hex, ChannelRecord>()
  /** Streams that have not ended. */
  readonly #streams = new Map<JobId, StreamRecord>()

  private constructor(store: PurseStore) {
    this.#store = store
  }

  /** Reads everything. @throws DuckMeshError `STORE_UNAVAILABLE` */
  static async load(store: PurseStore): Promise<PurseBook> {
    const book = new PurseBook(store)
    const { channels, streams } = await store.load()
    for (const channel of channels) book.#channels.set(channel.channelId, channel)
    for (const stream of streams) book.#streams.set(stream.streamId, stream)
    return book
  }

  get channels(): ChannelRecord[] {
    return [...this.#channels.values()]
  }

  /** @throws DuckMeshError `CHANNEL_UNKNOWN` */
  channel(channelId: Hex): ChannelRecord {
    const found = this.#channels.get(channelId)
    if (found) return found
    throw new DuckMeshError('CHANNEL_UNKNOWN', 'The purse has no such channel.', { channelId })
  }

  /** Channels to a provider, the newest first. */
  channelsTo(providerId: ProviderId): ChannelRecord[] {
    return this.channels
      .filter(({ config }) => config.providerId === providerId)
      .sort((a, b) => b.index - a.index)
  }

  /** A stream that has not ended; undefined when it has. */
  stream(streamId: JobId): StreamRecord | undefined {
    return this.#streams.get(streamId)
  }

  get streams(): StreamRecord[] {
    return [...this.#streams.values()]
  }

  /** Streams of a channel that have not ended. */
  running(channelId: Hex): StreamRecord[] {
    return this.streams.filter(({ stream }) => stream.channelId === channelId)
  }

  /**
   * Changes records: `decide` sees the newest state and gives what is to be written, or undefined for nothing.
   * @returns what `decide` gave, when it is saved
   * @throws DuckMeshError of the store, and then nothing has changed; `CANCELLED` after `close`; whatever `decide` throws
   */
  change<T extends PurseChange | undefined>(decide: () => T): Promise<T> {
    return this.#inTurn(async () => {
      if (this.#isClosed) throw new DuckMeshError('CANCELLED', 'The purse is closed.')
      const change = decide()
      if (!change) return change
      await this.#store.save(change)
      const { channel, stream } = change
      if (channel) this.#channels.set(channel.channelId, channel)
      if (stream?.state === 'ended') this.#streams.delete(stream.streamId)
      else if (stream) this.#streams.set(stream.streamId, stream)
      return change
    })
  }

  /** Resolves when all changes up to now are on disk. @throws DuckMeshError `STORE_UNAVAILABLE` */
  flushed(): Promise<void> {
    return this.#store.flushed()
  }

  /**
   * Closes the store after the changes that are on their way. A stream that somebody still holds stays as it was last
   * written, which the next start settles.
   */
  async close(): Promise<void> {
    await this.#inTurn(async () => {
      this.#isClosed = true
      await this.#store.close()
    })
  }
}

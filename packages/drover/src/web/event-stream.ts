import type { UnderlyingSource } from 'node:stream/web'
import type { Fragment, Live, Moment } from './live.ts'

/** A sign of life for proxies and for a server that must learn that its reader is gone, in milliseconds. */
const heartbeatMs = 15_000

/** How long a browser waits until it comes back, in milliseconds. */
const retryMs = 1_000

/** Pieces that may wait for a slow reader. */
const waitingMost = 2

/**
 * The fragments of a run as server-sent events: each is sent when it differs from what was sent last. A reader that is slow
 * misses moments, and gets the newest one; they never pile up. Ends with the event `end` when nothing will change any more,
 * and stops watching where the reader is gone.
 */
export function eventStream(live: Live, runId: string): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const sent = new Map<string, string>()
  let stop = () => {}
  const source: UnderlyingSource<Uint8Array> = {
    start(controller) {
      const send = (text: string) => controller.enqueue(encoder.encode(text))
      const onMoment = (moment: Moment) => {
        // What was sent is not taken yet: the next moment will hold what this one did not tell. The last has none.
        if ((controller.desiredSize ?? 0) <= 0 && !moment.isLast) return
        const changed = moment.fragments.filter(({ id, version }) => sent.get(id) !== version)
        for (const { id, version } of changed) sent.set(id, version)
        if (changed.length > 0) send(changed.map(fragmentEvent).join(''))
        if (!moment.isLast) return
        send(eventOf('end', {}))
        close()
      }
      const close = () => {
        stop()
        controller.close()
      }
      send(`retry: ${retryMs}\n\n`)
      const heartbeat = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) send(': \n\n')
      }, heartbeatMs)
      let unwatch = () => {}
      let isStopped = false
      stop = () => {
        isStopped = true
        clearInterval(heartbeat)
        unwatch()
      }
      unwatch = live.watch(runId, onMoment)
      if (isStopped) unwatch()
    },
    cancel: () => stop(),
  }
  return new ReadableStream(source, { highWaterMark: waitingMost })
}

function fragmentEvent({ id, version, markup }: Fragment): string {
  return eventOf('fragment', { id, version, markup: markup.toString() })
}

/** JSON has no line ends: the event is one line of data. */
function eventOf(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}

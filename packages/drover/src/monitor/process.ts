import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { ProcessFigures } from '../ledger/sample.ts'

/** Tells what this process takes. */
export interface ProcessWatch {
  read(): ProcessFigures
  stop(): void
}

/** How often the event loop's delay is measured, in milliseconds. */
const resolutionMs = 20

/** Watches this process until it is told to stop. */
export function watchProcess(): ProcessWatch {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  let before = { cpu: process.cpuUsage(), atMs: performance.now() }
  let eventLoopPeakMs = 0
  return {
    read() {
      const now = { cpu: process.cpuUsage(), atMs: performance.now() }
      const micros = now.cpu.user + now.cpu.system - before.cpu.user - before.cpu.system
      const elapsedMs = now.atMs - before.atMs
      before = now
      // What is measured is the time between two turns of a timer: it holds the timer's own.
      const lateMs = delay.count === 0 ? 0 : Math.max(0, delay.percentile(99) / 1e6 - resolutionMs)
      delay.reset()
      eventLoopPeakMs = Math.max(eventLoopPeakMs, lateMs)
      const { rss, heapUsed } = process.memoryUsage()
      return {
        cpuUserSeconds: rounded(now.cpu.user / 1e6),
        cpuSystemSeconds: rounded(now.cpu.system / 1e6),
        cpuPart: elapsedMs > 0 ? rounded(micros / 1000 / elapsedMs) : 0,
        rssBytes: rss,
        heapBytes: heapUsed,
        peakBytes: process.resourceUsage().maxRSS * 1024,
        eventLoopP99Ms: rounded(lateMs),
        eventLoopPeakMs: rounded(eventLoopPeakMs),
      }
    },
    stop: () => void delay.disable(),
  }
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}

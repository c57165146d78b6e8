import { setFlagsFromString } from 'node:v8'

/** Commands that plan and end: they need their memory at once and not for long. */
const brief = new Set(['plan', 'check'])

// V8 lets its heap grow with what a program allocates a second; a run plans once, then allocates little and waits long. A
// small space for young objects and a preference for size take the memory of the process down, and make a large plan take
// twice as long. They must be set before the rest of the program loads.
const command = process.argv.slice(2).find((word) => !word.startsWith('-')) ?? ''
if (!brief.has(command)) {
  // A landing lets go of much memory that is not on the heap: each time the whole heap would be gone through for it.
  if (command !== 'land') setFlagsFromString('--optimize-for-size')
  setFlagsFromString('--max-semi-space-size=2')
  setFlagsFromString('--semi-space-growth-factor=1')
}

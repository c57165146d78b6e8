import { setFlagsFromString } from 'node:v8'

// V8 lets its heap grow with what a program allocates a second; a run plans once, then allocates little and waits long. A
// small space for young objects and a preference for size take the memory of the process down. They must be set before
// the rest of the program loads.
setFlagsFromString('--optimize-for-size')
setFlagsFromString('--max-semi-space-size=2')
setFlagsFromString('--semi-space-growth-factor=1')

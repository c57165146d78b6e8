import { startEmbedded } from '../../src/embedded/index.ts'

// A process that holds a server until it is killed: tests kill it.
const { port, dataDirectory } = await startEmbedded({ fsync: false, settings: { shared_buffers: '32MB' } })
console.log(JSON.stringify({ port, dataDirectory }))
setInterval(() => {}, 1000)

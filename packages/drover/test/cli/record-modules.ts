// Loaded ahead of the command line by `node --import`: writes the address of every module that is loaded after it to the
// file that RECORD_MODULES names, one a line.
import { appendFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

const file = process.env.RECORD_MODULES!

registerHooks({
  load(url, context, nextLoad) {
    appendFileSync(file, `${url}\n`)
    return nextLoad(url, context)
  },
})

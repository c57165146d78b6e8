import { chartStyle } from '../chart/style.ts'
import { colourStyle } from './style-colours.ts'
import { frameStyle } from './style-frame.ts'
import { printStyle } from './style-print.ts'
import { tableStyle } from './style-table.ts'
import { textStyle } from './style-text.ts'
import { verdictStyle } from './style-verdict.ts'

/** The one style sheet of the report and of the live page. */
export const styleText = [colourStyle, frameStyle, textStyle, tableStyle, verdictStyle, chartStyle, printStyle].join('')

/** Most columns of a line: two files side by side on a laptop, and a diff on a web page. */
export const lineColumnsMax = 100
/** Most lines of a function: it can be read without scrolling. */
export const functionLinesMax = 70
/** Most lines of a file; the aim is a median below 100. */
export const fileLinesMax = 500

/** Number of lines of a text; the line break at the end starts no further line. */
export const lineCount = (text: string): number => text.replace(/\n$/, '').split('\n').length

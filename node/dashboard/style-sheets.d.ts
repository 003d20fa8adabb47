// Style sheets are taken in by the bundler; nothing of them is a value.
declare module '*.css'

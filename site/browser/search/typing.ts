/** Who types on within so many milliseconds is not asked for: each beginning of a word would load what the whole word does not need. */
export const TYPING_PAUSE_MS = 100;

/**
 * Code of SHA-256's compression, FIPS 180-4, with every round written out: variables renamed instead of moved, constants in their places.
 * Half as fast again as a loop, and the page that matches has nothing better for files too large to hold: browsers lend no hash of a
 * stream, and its policy admits no WebAssembly.
 */
export function sha256Code(): string {
  const all = (line: (name: string, index: number) => string) => [...VARIABLES].map(line).join("\n");
  return `/** SHA-256's compression with every round written out, by \`npm run gen\` from cli/sha256-code.ts. */

/** Initial hash value, FIPS 180-4 section 5.3.3. */
export const INITIAL: readonly number[] = [${fractions(8, 2n).join(", ")}];

/** Takes the blocks of 64 bytes between two offsets into the state, section 6.2.2. */
export function compress(state: Int32Array, bytes: DataView, from: number, to: number): void {
${all((name, index) => `  let ${name} = state[${index}]!;`)}
  for (let at = from; at < to; at += 64) {
${all((name) => `    const ${name}0 = ${name};`)}
${fractions(64, 3n).map(round).join("\n")}
${all((name) => `    ${name} = (${name} + ${name}0) | 0;`)}
  }
${all((name, index) => `  state[${index}] = ${name};`)}
}
`;
}

const VARIABLES = "abcdefgh";

/** One round with the word of the message schedule it takes, section 6.2.2 steps 1 and 3. */
function round(constant: string, t: number): string {
  const word = (distance: number) => `w${(t + 16 - distance) % 16}`;
  // Each round shifts the eight by one: here, what they are called.
  const [a, b, c, d, e, f, g, h] = [...VARIABLES].map((_, index) => VARIABLES[(index + 64 - t) % 8]!) as Eight;
  const scheduled = `(${word(16)} + (${smallSigma(word(15), 7, 18, 3)}) + ${word(7)} + (${smallSigma(word(2), 17, 19, 10)})) | 0`;
  return [
    t < 16 ? `    let ${word(0)} = bytes.getInt32(at${t === 0 ? "" : ` + ${4 * t}`});` : `    ${word(0)} = ${scheduled};`,
    `    ${h} = (${h} + (${bigSigma(e, 6, 11, 25)}) + (${g} ^ (${e} & (${f} ^ ${g}))) + ${constant} + ${word(0)}) | 0;`,
    `    ${d} = (${d} + ${h}) | 0;`,
    `    ${h} = (${h} + (${bigSigma(a, 2, 13, 22)}) + ((${a} & ${b}) | (${c} & (${a} | ${b})))) | 0;`,
  ].join("\n");
}

type Eight = [string, string, string, string, string, string, string, string];

/** The functions of section 4.1.2. */
function bigSigma(x: string, ...by: readonly number[]): string {
  return by.map((bits) => rotated(x, bits)).join(" ^ ");
}

function smallSigma(x: string, first: number, second: number, shift: number): string {
  return `${rotated(x, first)} ^ ${rotated(x, second)} ^ (${x} >>> ${shift})`;
}

function rotated(x: string, bits: number): string {
  return `((${x} >>> ${bits}) | (${x} << ${32 - bits}))`;
}

/** First 32 bits of the fractional part of the root of each prime, sections 4.2.2 and 5.3.3, as signed numbers. */
function fractions(count: number, root: bigint): string[] {
  return firstPrimes(count).map((prime) => String(BigInt.asIntN(32, integerRoot(prime << (32n * root), root))));
}

/** Floor of the `root`-th root of `value`, by Newton's method. */
function integerRoot(value: bigint, root: bigint): bigint {
  let guess = 1n << (BigInt(value.toString(2).length) / root + 1n);
  for (;;) {
    const next = ((root - 1n) * guess + value / guess ** (root - 1n)) / root;
    if (next >= guess) return guess;
    guess = next;
  }
}

function firstPrimes(count: number): bigint[] {
  const primes: bigint[] = [];
  for (let candidate = 2n; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0n)) primes.push(candidate);
  }
  return primes;
}

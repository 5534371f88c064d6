/** A place in a binary capture from which it can be read on. */
export interface Landmark {
  /** Frames before it. */
  readonly frames: number;
  /** Byte of the file, or of the archive entry. */
  readonly offset: number;
  /** What else its format has to know there, as plain data. */
  readonly state?: unknown;
}

/** Bytes between two landmarks, at first; less would save nothing, since a reader reads about as much at once. */
const FIRST_DISTANCE = 1 << 20;
/** Landmarks remembered of one file; with more, every other one goes and the distance doubles. */
const MAX_LANDMARKS = 4096;

/** The landmarks of one file, at even distances. */
export class Landmarks {
  private distance = FIRST_DISTANCE;
  private next = FIRST_DISTANCE;
  list: Landmark[] = [];

  add(landmark: Landmark): void {
    if (landmark.offset < this.next) return;
    this.list.push(landmark);
    if (this.list.length === MAX_LANDMARKS) {
      this.list = this.list.filter((_, index) => index % 2 === 1);
      this.distance *= 2;
    }
    this.next = landmark.offset + this.distance;
  }
}

/** Frames from the first to the last, both included. */
export interface FrameRange {
  readonly first: number;
  readonly last: number;
}

/** What a second pass looks for in a capture, and the landmarks by which it gets there. Frames are asked for in ascending order. */
export class FrameSearch {
  private readonly ranges: readonly FrameRange[];
  private readonly landmarks: readonly Landmark[];
  private range = 0;
  private landmark = 0;

  constructor(ranges: readonly FrameRange[], landmarks: readonly Landmark[] = []) {
    this.ranges = merged(ranges);
    this.landmarks = landmarks;
  }

  /** The first wanted frame from this one on; infinity if there is none. */
  next(frame: number): number {
    while (this.range < this.ranges.length && this.ranges[this.range]!.last < frame) this.range++;
    const range = this.ranges[this.range];
    return range === undefined ? Number.POSITIVE_INFINITY : Math.max(frame, range.first);
  }

  /** The last landmark on the way from behind `frames` frames, at `offset`, to the next wanted one; null if there is none. */
  ahead(frames: number, offset: number): Landmark | null {
    const target = this.next(frames + 1);
    while (this.landmark < this.landmarks.length && this.landmarks[this.landmark]!.frames < target) this.landmark++;
    const landmark = this.landmarks[this.landmark - 1];
    return landmark !== undefined && landmark.offset > offset ? landmark : null;
  }
}

/** The same frames in ranges that ascend and do not overlap. */
function merged(ranges: readonly FrameRange[]): FrameRange[] {
  const joined: { first: number; last: number }[] = [];
  for (const { first, last } of [...ranges].sort((a, b) => a.first - b.first)) {
    const before = joined.at(-1);
    if (before && first <= before.last + 1) before.last = Math.max(before.last, last);
    else joined.push({ first, last });
  }
  return joined;
}

// @ts-check
// Register B's picture on A's: undo mirroring, and map the matching box of B's frame to the matching box of A's frame.

/** @typedef {{kind: string, value?: any}} Transform See videos/diff/transforms/estimation.py. */
/** @typedef {{width: number, height: number}} Size */

const WHOLE = { x: 0, y: 0, width: 1, height: 1 };

/**
 * Return the matrix [scale x, scale y, shift x, shift y] that places B's picture over A's. It is in pixels of a screen of
 * `width` by `height`, in which both pictures have the largest size that fits.
 * @param {Transform[]} transforms
 * @param {Size} a
 * @param {Size} b
 * @param {number} width
 * @param {number} height
 */
export function registrationMatrix(transforms, a, b, width, height) {
  const { boxes, isFlippedX, isFlippedY } = readTransforms(transforms);
  const from = boxWithin(fitPicture(b, width, height), boxes.b);
  const to = boxWithin(fitPicture(a, width, height), boxes.a);
  const scaleX = ((isFlippedX ? -1 : 1) * to.width) / from.width;
  const scaleY = ((isFlippedY ? -1 : 1) * to.height) / from.height;
  return [
    scaleX,
    scaleY,
    to.x + (isFlippedX ? to.width : 0) - scaleX * from.x,
    to.y + (isFlippedY ? to.height : 0) - scaleY * from.y,
  ];
}

/**
 * Return where a box of B's frame is on A's frame, both as fractions.
 * @param {Box} box
 * @param {Transform[]} transforms
 * @returns {Box}
 */
export function mapBoxToA({ x, y, width, height }, transforms) {
  const { boxes, isFlippedX, isFlippedY } = readTransforms(transforms);
  const { a, b } = boxes;
  const horizontal = mapSpan(x, width, [b.x, b.width], [a.x, a.width], isFlippedX);
  const vertical = mapSpan(y, height, [b.y, b.height], [a.y, a.height], isFlippedY);
  return { x: horizontal[0], y: vertical[0], width: horizontal[1], height: vertical[1] };
}

/**
 * Return the start and the length of a span after mapping one range to another.
 * @param {number} start
 * @param {number} length
 * @param {[start: number, length: number]} from
 * @param {[start: number, length: number]} to
 * @param {boolean} isFlipped
 */
function mapSpan(start, length, [from, fromLength], [to, toLength], isFlipped) {
  const size = length / fromLength;
  const place = (start - from) / fromLength;
  return [to + (isFlipped ? 1 - place - size : place) * toLength, size * toLength];
}

/**
 * Keep B's picture registered on A's when the screen changes its size.
 * @param {HTMLElement} root
 * @param {any} data The page's data.
 */
export function setUpImageRegistration(root, data) {
  const screen = root.querySelector("#player-b .screen");
  /** @param {string} side */
  const sizeOf = (side) => ({ width: data[side].width || 16, height: data[side].height || 9 });
  const register = () => {
    const { clientWidth, clientHeight } = screen;
    if (!clientWidth) return;
    const { transforms } = data.script;
    const [scaleX, scaleY, x, y] = registrationMatrix(transforms, sizeOf("a"), sizeOf("b"), clientWidth, clientHeight);
    screen.style.setProperty("--registration", `matrix(${scaleX}, 0, 0, ${scaleY}, ${x}, ${y})`);
  };
  new ResizeObserver(register).observe(screen);
  register();
}

/**
 * Return the matching box of each side, and the directions in which B is mirrored.
 * @param {Transform[]} transforms
 */
function readTransforms(transforms) {
  /** @type {Record<string, Box>} */
  const boxes = { a: WHOLE, b: WHOLE };
  let mirror = "";
  for (const { kind, value } of transforms) {
    if (kind === "mirror") mirror = value;
    if ((kind === "crop" || kind === "letterbox") && value?.side) boxes[value.side] = value;
  }
  return {
    boxes,
    isFlippedX: mirror === "horizontal" || mirror === "both",
    isFlippedY: mirror === "vertical" || mirror === "both",
  };
}

/**
 * @param {Size} picture
 * @param {number} width
 * @param {number} height
 * @returns {Box}
 */
function fitPicture(picture, width, height) {
  const scale = Math.min(width / picture.width, height / picture.height);
  const size = { width: picture.width * scale, height: picture.height * scale };
  return { ...size, x: (width - size.width) / 2, y: (height - size.height) / 2 };
}

/**
 * @param {Box} frame
 * @param {Box} box
 * @returns {Box}
 */
function boxWithin(frame, box) {
  return {
    x: frame.x + box.x * frame.width,
    y: frame.y + box.y * frame.height,
    width: box.width * frame.width,
    height: box.height * frame.height,
  };
}

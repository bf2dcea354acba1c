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
  const warp = transforms.find(({ kind }) => kind === "rotation" || kind === "lens")?.value;
  if (warp) return mapWarpedBox({ x, y, width, height }, warp);
  const { boxes, isFlippedX, isFlippedY } = readTransforms(transforms);
  const { a, b } = boxes;
  const horizontal = mapSpan(x, width, [b.x, b.width], [a.x, a.width], isFlippedX);
  const vertical = mapSpan(y, height, [b.y, b.height], [a.y, a.height], isFlippedY);
  return { x: horizontal[0], y: vertical[0], width: horizontal[1], height: vertical[1] };
}

const EDGE_STEPS = 8;
const INVERSION_ROUNDS = 20;

/**
 * A map to the frame of `side` from the other frame: see videos/diff/sampling/warp.py.
 * @typedef {{side: string, angle: number, scale: number, x: number, y: number, lens: number, lens_2: number,
 *   aspect: number}} Warp
 */

/**
 * Return the box of A's frame around a box of B's frame that is rotated or has another lens distortion.
 * @param {Box} box
 * @param {Warp} warp
 * @returns {Box}
 */
function mapWarpedBox({ x, y, width, height }, warp) {
  const shares = Array.from({ length: EDGE_STEPS + 1 }, (_, step) => step / EDGE_STEPS);
  const edges = shares.flatMap((share) => [
    [share, 0],
    [share, 1],
    [0, share],
    [1, share],
  ]);
  const points = edges.map(([across, down]) => mapPointToA(x + across * width, y + down * height, warp));
  const limit = (/** @type {number} */ share) => Math.min(1, Math.max(0, share));
  const [left, right] = [Math.min, Math.max].map((extreme) => limit(extreme(...points.map((point) => point[0]))));
  const [top, bottom] = [Math.min, Math.max].map((extreme) => limit(extreme(...points.map((point) => point[1]))));
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/**
 * Return where a point of B's frame is in A's frame, both as fractions.
 * @param {number} x
 * @param {number} y
 * @param {Warp} warp
 * @returns {[x: number, y: number]}
 */
function mapPointToA(x, y, warp) {
  const unitY = 2 / Math.hypot(warp.aspect, 1);
  const unitX = warp.aspect * unitY;
  const distort = (/** @type {number} */ square) => 1 + warp.lens * square + warp.lens_2 * square * square;
  if (warp.side === "a") {
    const [atX, atY] = [(x - 0.5) * unitX, (y - 0.5) * unitY];
    const factor = distort(atX * atX + atY * atY) * warp.scale;
    const [turnedX, turnedY] = turn(atX * factor, atY * factor, warp.angle);
    return [turnedX / unitX + 0.5 + warp.x, turnedY / unitY + 0.5 + warp.y];
  }
  const shiftedX = ((x - 0.5 - warp.x) * unitX) / warp.scale;
  const shiftedY = ((y - 0.5 - warp.y) * unitY) / warp.scale;
  const [wantedX, wantedY] = turn(shiftedX, shiftedY, -warp.angle);
  let [atX, atY] = [wantedX, wantedY];
  for (let round = 0; round < INVERSION_ROUNDS; round++) {
    const factor = Math.min(2, Math.max(0.5, distort(Math.min(2, atX * atX + atY * atY))));
    [atX, atY] = [wantedX / factor, wantedY / factor];
  }
  return [atX / unitX + 0.5, atY / unitY + 0.5];
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} degrees
 */
function turn(x, y, degrees) {
  const angle = (degrees * Math.PI) / 180;
  return [Math.cos(angle) * x - Math.sin(angle) * y, Math.sin(angle) * x + Math.cos(angle) * y];
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
    if (["crop", "letterbox", "inset"].includes(kind) && value?.side) boxes[value.side] = value;
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

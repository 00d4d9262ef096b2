// The inert data blocks become arrays that can be painted quickly.

function readData(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

// Long columns are written in few bytes: see hotspots/report/map/encode.py.
function unpacked(data) {
  const words = opened(data.words, []);
  for (const name in data) data[name] = opened(data[name], words);
  return data;
}

function opened(value, words) {
  if (!value || typeof value !== "object") return value;
  if (Array.isArray(value)) {
    if (value.length && typeof value[0] === "object") value.forEach((part, k) => (value[k] = opened(part, words)));
    return value;
  }
  if (value.times) return new Array(value.times).fill(value.all);
  if (value.few) return Array.from(value.at, (letter) => value.few[LETTERS.indexOf(letter)]);
  if (value.steps) {
    let sum = value.first;
    return [sum, ...value.steps.map((step) => (sum += step))];
  }
  if (value.texts !== undefined) {
    const ends = Array.from(value.end, (letter) => value.ends[LETTERS.indexOf(letter)]);
    return value.texts.split("\n").map((head, k) => (ends[k] ? head + " " + ends[k] : head));
  }
  if (value.of) return opened(value.of, words).map((k) => words[k]);
  for (const name in value) value[name] = opened(value[name], words);
  return value;
}

function runningSum(steps) {
  const sums = new Int32Array(steps.length);
  let sum = 0;
  for (let i = 0; i < steps.length; i++) {
    sum += steps[i];
    sums[i] = sum;
  }
  return sums;
}

// Shapes in Web Mercator, where the world is 1 wide: x and y of every corner, the rings of every
// shape, and a box and a middle for each.
function decodeShapes(encoded) {
  const east = runningSum(encoded.dx);
  const north = runningSum(encoded.dy);
  const x = new Float64Array(east.length);
  const y = new Float64Array(east.length);
  for (let i = 0; i < east.length; i++) {
    x[i] = worldX((east[i] + encoded.origin[0]) / 1e5);
    y[i] = worldY((north[i] + encoded.origin[1]) / 1e5);
  }
  const corners = runningSum(encoded.corners);
  const shapes = [];
  let ring = 0;
  let corner = 0;
  for (const size of encoded.shape) {
    const rings = [];
    for (let k = 0; k < size; k++, ring++) {
      rings.push(corners.subarray(corner, corner + encoded.ring[ring]));
      corner += encoded.ring[ring];
    }
    shapes.push(measured({ rings: rings, west: 1, east: 0, north: 1, south: 0 }, x, y));
  }
  return { x: x, y: y, shapes: shapes };
}

// Roads and names of one's own, drawn under and after everything else.
function decodeBackdrop(given) {
  if (!given) return { lines: [], names: [] };
  const east = runningSum(given.lines.dx);
  const north = runningSum(given.lines.dy);
  let corner = 0;
  const lines = given.lines.line.map((size) => {
    const line = { x: new Float64Array(size), y: new Float64Array(size), west: 1, east: 0, north: 1, south: 0 };
    for (let k = 0; k < size; k++, corner++) {
      line.x[k] = worldX((east[corner] + given.lines.origin[0]) / 1e5);
      line.y[k] = worldY((north[corner] + given.lines.origin[1]) / 1e5);
      stretch(line, line.x[k], line.y[k]);
    }
    return line;
  });
  given.lines.level.forEach((level, k) => (lines[k].level = level));
  const spots = decodePoints(given.names);
  const names = given.names.text.map((text, k) => ({
    text: text,
    shape: spots[k],
    zoom: given.names.zoom[k],
    order: given.names.order[k],
    strong: false,
  }));
  return { lines: lines, names: names };
}

function decodePoints(given) {
  const east = runningSum(given.dx);
  const north = runningSum(given.dy);
  return given.dx.map((_, k) => ({ midX: worldX(east[k] / 1e5), midY: worldY(north[k] / 1e5), free: true }));
}

// Trauma packs and the premises out of reach of all of them: a Protect page has them, no other.
function decodeReach(given) {
  const marks = (of) => decodePoints(of).map((at, k) => ({ name: of.name[k], at: at, box: pointBox(at) }));
  return given ? { packs: marks(given.packs), away: marks(given.away), look: given.look } : { packs: [], away: [], look: {} };
}

function pointBox(at) {
  const edge = 4e-6;
  return { west: at.midX - edge, east: at.midX + edge, north: at.midY - edge, south: at.midY + edge };
}

function measured(shape, x, y) {
  for (const ring of shape.rings) {
    for (const c of ring) stretch(shape, x[c], y[c]);
  }
  shape.midX = (shape.west + shape.east) / 2;
  shape.midY = (shape.north + shape.south) / 2;
  return shape;
}

function worldX(longitude) {
  return (longitude + 180) / 360;
}

function worldY(latitude) {
  const sine = Math.sin((latitude * Math.PI) / 180);
  return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
}

function longitudeOf(x) {
  return x * 360 - 180;
}

function latitudeOf(y) {
  return (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI;
}

function textAt(column, i) {
  return column ? column.levels[column.codes[i]] : "";
}

function contains(geometry, shape, px, py) {
  if (px < shape.west || px > shape.east || py < shape.north || py > shape.south) return false;
  let inside = false;
  for (const ring of shape.rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const yi = geometry.y[ring[i]];
      const yj = geometry.y[ring[j]];
      // Half open: a corner at this height belongs to one of its two edges, so none is crossed
      // twice.
      if (yi > py === yj > py) continue;
      const xi = geometry.x[ring[i]];
      const xj = geometry.x[ring[j]];
      if (px < ((xj - xi) * (py - yi)) / (yj - yi) + xi) inside = !inside;
    }
  }
  return inside;
}

// Which class a value is in: the last one whose lower bound it reaches; -1 for nothing to shade.
function classOf(value, bounds) {
  if (value === null || value === undefined || !(value > 0)) return -1;
  let found = 0;
  while (found + 1 < bounds.length && value >= bounds[found + 1]) found++;
  return found;
}

function joinBoxes(shapes) {
  const box = { west: 1, east: 0, north: 1, south: 0 };
  for (const shape of shapes) {
    stretch(box, shape.west, shape.north);
    stretch(box, shape.east, shape.south);
  }
  return box;
}

// A box that holds one more point.
function stretch(box, x, y) {
  box.west = Math.min(box.west, x);
  box.east = Math.max(box.east, x);
  box.north = Math.min(box.north, y);
  box.south = Math.max(box.south, y);
}

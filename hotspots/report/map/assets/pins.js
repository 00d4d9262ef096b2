// Pins with the rank of the listed places, and names. Nothing may cover anything else.

// From afar packs are small, and names may stand over them: else they hide their zones.
const NEAR_PACKS = 15.5;

// Packs, then premises out of reach, each with its identifier where there is room beside it.
function paintReach(context, view, scene, taken) {
  for (const kind of ["packs", "away"]) {
    const shown = scene[kind].map((mark) => ({
      name: mark.name,
      x: mark.at.midX * view.scale - view.left,
      y: mark.at.midY * view.scale - view.top,
    }));
    const spots = shown.filter((spot) => onCanvas(view, spot));
    if (!spots.length) continue;
    const style = reach.look[kind];
    const far = kind === "packs" && zoomOf(view) < NEAR_PACKS;
    const boxes = spots.map((spot) => paintMark(context, view, spot, style, (far ? 0.5 : 1) * style.radius * view.unit));
    if (!far) taken.push(...boxes);
    if (kind === "away") for (const spot of spots) paintMarkName(context, view, spot, style, taken);
  }
}

function paintMark(context, view, spot, style, size) {
  context.save();
  context.translate(spot.x, spot.y);
  context.scale(size, size);
  const path = new Path2D(style.path);
  context.strokeStyle = "#ffffff";
  context.lineWidth = 0.6;
  context.stroke(path);
  context.fillStyle = style.fill;
  context.fill(path);
  context.lineWidth = 0.4;
  context.stroke(new Path2D(style.inner));
  context.restore();
  return boxAround(spot, size + 1, size + 1);
}

function paintMarkName(context, view, spot, style, taken) {
  const size = look.pins.name_size * view.unit;
  context.font = "bold " + size + "px " + scriptFont();
  const text = shortened(spot.name, look.pins.most_letters);
  const wide = context.measureText(text).width / 2;
  const aside = style.radius * view.unit + 4 * view.unit + wide;
  const above = style.radius * view.unit + size * 0.75;
  paintBeside(context, view, { text: text, wide: wide, size: size, colour: style.fill }, spot, [[aside, 0], [-aside, 0], [0, -above], [0, above]], taken);
}

// A name where the first of some spots around a mark is free; left out where none is.
function paintBeside(context, view, name, spot, spots, taken) {
  for (const [dx, dy] of spots) {
    const at = { x: spot.x + dx, y: spot.y + dy };
    const box = boxAround(at, name.wide + 2, name.size * 0.62);
    if (!within(box, view.inner) || taken.some((other) => overlap(box, other))) continue;
    taken.push(box);
    paintText(context, view, name.text, at.x, at.y, name.colour, 6.5);
    return true;
  }
  return false;
}

// Pins stand beside their cell, with a line to it. A pin shows the rank as the list does ("3=");
// its name stands beside it where there is room, first of all for those whose rank is shared.
function paintPins(context, view, scene, taken) {
  const radius = look.pins.radius * view.unit;
  context.font = "bold " + look.pins.rank_size * view.unit + "px " + scriptFont();
  const anchors = scene.pins.map((pin) => ({
    x: pin.shape.midX * view.scale - view.left,
    y: pin.shape.midY * view.scale - view.top,
    large: (pin.shape.east - pin.shape.west) * view.scale > 3.6 * radius,
    half: Math.max(radius, context.measureText(pin.label).width / 2 + 5.5 * view.unit),
    pin: pin,
  }));
  const spots = anchors.filter((a) => onCanvas(view, a)).map((a) => freeSpot(a, anchors, radius, taken));
  for (const spot of spots) paintLeader(context, view, spot);
  for (const spot of spots) paintPin(context, view, spot, radius);
  const sharedFirst = [...spots].sort((a, b) => isShared(b) - isShared(a));
  const told = sharedFirst.map((spot) => paintPinName(context, view, spot, radius, taken));
  return new Set(told.flatMap((name) => [name, ...name.split(" / ")]));
}

function onCanvas(view, spot) {
  return spot.x > 0 && spot.y > 0 && spot.x < view.width && spot.y < view.height;
}

function isShared(spot) {
  return Number(spot.anchor.pin.label.endsWith("="));
}

function freeSpot(anchor, anchors, radius, taken) {
  for (const [east, south] of anchor.large ? [[0, 0], ...look.pins.spots] : look.pins.spots) {
    const spot = { x: anchor.x + east * radius, y: anchor.y + south * radius };
    const box = boxAround(spot, anchor.half + 1, radius + 1);
    const hides = anchors.some((a) => a !== anchor && holds(box, a));
    if (!hides && !taken.some((other) => overlap(box, other))) {
      taken.push(box);
      return { x: spot.x, y: spot.y, anchor: anchor };
    }
  }
  return { x: anchor.x, y: anchor.y, anchor: anchor };
}

function paintLeader(context, view, spot) {
  for (const [colour, width] of [["#ffffff", 4], [look.ink, 1.6]]) {
    context.strokeStyle = colour;
    context.lineWidth = width * view.unit;
    context.beginPath();
    context.moveTo(spot.anchor.x, spot.anchor.y);
    context.lineTo(spot.x, spot.y);
    context.stroke();
  }
}

// Round and black; square where a place joined the list, hollow where it left.
function paintPin(context, view, spot, radius) {
  const pin = spot.anchor.pin;
  const half = spot.anchor.half;
  const hollow = pin.mark === "left";
  const fill = pin.selected ? look.chosen : hollow ? "#ffffff" : look.ink;
  const line = pin.selected || hollow ? look.ink : "#ffffff";
  context.beginPath();
  const corner = pin.mark === "entered" ? 1.5 * view.unit : radius;
  roundedBox(context, spot.x - half, spot.y - radius, 2 * half, 2 * radius, corner);
  context.fillStyle = fill;
  context.strokeStyle = line;
  context.lineWidth = 2 * view.unit;
  context.fill();
  context.stroke();
  context.fillStyle = line;
  context.font = "bold " + look.pins.rank_size * view.unit + "px " + scriptFont();
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(pin.label, spot.x, spot.y + 0.5 * view.unit);
}

function roundedBox(context, x, y, width, height, radius) {
  context.moveTo(x + radius, y);
  context.arcTo(x + width, y, x + width, y + height, radius);
  context.arcTo(x + width, y + height, x, y + height, radius);
  context.arcTo(x, y + height, x, y, radius);
  context.arcTo(x, y, x + width, y, radius);
  context.closePath();
}

function paintPinName(context, view, spot, radius, taken) {
  const size = look.pins.name_size * view.unit;
  context.font = "bold " + size + "px " + scriptFont();
  const text = shortened(spot.anchor.pin.name, look.pins.most_letters);
  const wide = context.measureText(text).width / 2;
  const aside = spot.anchor.half + 4 * view.unit + wide;
  const above = radius + size * 0.75;
  const away = Math.sign(spot.x - spot.anchor.x) || 1;
  const name = { text: text, wide: wide, size: size, colour: look.ink };
  const spots = [[away * aside, 0], [-away * aside, 0], [0, -above], [0, above]];
  return paintBeside(context, view, name, spot, spots, taken) ? spot.anchor.pin.name : "";
}

// Names are placed in order of importance; one that would touch another, or that is far wider than
// its own area, is left out at this zoom; so is one that stands beside a pin already.
function paintNames(context, view, scene, taken, told) {
  const size = look.pins.name_size * view.unit;
  const zoom = zoomOf(view);
  for (const name of scene.names) {
    if (name.zoom > zoom + 1 || told.has(name.text)) continue;
    const shape = name.shape;
    const x = shape.midX * view.scale - view.left;
    const y = shape.midY * view.scale - view.top;
    if (!onCanvas(view, { x: x, y: y })) continue;
    context.font = (name.strong ? "bold " : "") + size + "px " + scriptFont();
    const lines = wrapped(name.text);
    const width = Math.max(...lines.map((line) => context.measureText(line).width));
    if (!shape.free && !name.free && width > (shape.east - shape.west) * view.scale * 1.25) continue;
    const half = (lines.length * size * 1.15) / 2 + 2;
    // A name of its own right stands above or below its zone where something stands in it.
    const beside = name.free ? [shape.north * view.scale - view.top - half, shape.south * view.scale - view.top + half] : [];
    const boxes = [y, ...beside].map((at) => boxAround({ x: x, y: at }, width / 2 + 3, half));
    const box = boxes.find((one) => within(one, view.inner) && !taken.some((other) => overlap(one, other)));
    if (!box) continue;
    taken.push(box);
    lines.forEach((line, k) => {
      const at = (box.north + box.south) / 2 + (k - (lines.length - 1) / 2) * size * 1.15;
      paintText(context, view, line, x, at, name.strong ? look.priority.color : look.name);
    });
  }
}

// A wide halo keeps a line that runs between a pin and its name from being read as a letter.
function paintText(context, view, text, x, y, colour, halo) {
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.strokeStyle = "rgba(255,255,255,.9)";
  context.lineWidth = (halo || 3.4) * view.unit;
  context.strokeText(text, x, y);
  context.fillStyle = colour;
  context.fillText(text, x, y);
}

function shortened(text, most) {
  return text.length > most ? text.slice(0, most - 1).trimEnd() + "…" : text;
}

function wrapped(text) {
  const lines = [];
  for (const word of shortened(text, 60).split(" ")) {
    const last = lines.length - 1;
    if (last >= 0 && (lines[last] + " " + word).length <= 15) lines[last] += " " + word;
    else lines.push(word);
  }
  return lines;
}

function boxAround(spot, halfWidth, halfHeight) {
  return {
    west: spot.x - halfWidth,
    east: spot.x + halfWidth,
    north: spot.y - halfHeight,
    south: spot.y + halfHeight,
  };
}

function overlap(a, b) {
  return a.west < b.east && b.west < a.east && a.north < b.south && b.north < a.south;
}

function within(box, room) {
  return box.west > room.west && box.east < room.east && box.north > room.north && box.south < room.south;
}

function holds(box, spot) {
  return spot.x > box.west && spot.x < box.east && spot.y > box.north && spot.y < box.south;
}

function scriptFont() {
  return 'Arial, "Liberation Sans", Helvetica, sans-serif';
}

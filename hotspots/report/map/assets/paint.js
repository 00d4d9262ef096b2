// One painter for the screen and for paper. It is given a view (which part of the world, how large)
// and a scene (what to draw), and knows nothing about controls. Colours and lines come with the data.

// Long paths are slow to fill: cells are painted a few at a time.
const CHUNK = 50;

function paint(context, view, scene) {
  context.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
  context.clearRect(0, 0, view.width, view.height);
  if (view.paper) {
    context.fillStyle = look.water;
    context.fillRect(0, 0, view.width, view.height);
  }
  context.lineJoin = "round";
  context.lineCap = "butt";
  paintLand(context, view, scene);
  paintRoads(context, view, scene);
  paintCells(context, view, scene);
  for (const layer of scene.zones) paintZones(context, view, scene, layer);
  for (const shape of scene.flags) paintOutline(context, view, scene, shape, scene.flag, 5.4);
  for (const shape of scene.cores) paintOutline(context, view, scene, shape, look.flag, 5.4);
  for (const one of scene.outlines) paintOutline(context, view, scene, one.shape, one.line, 4.6);
  if (scene.selected) {
    paintOutline(context, view, scene, scene.selected, { color: look.ink, width: 7, dash: [] }, 0);
    paintOutline(context, view, scene, scene.selected, { color: look.chosen, width: 3.4, dash: [] }, 0);
  }
  const taken = view.paper ? paperCorners(view) : [...view.covered];
  paintReach(context, view, scene, taken);
  const told = paintPins(context, view, scene, taken);
  paintNames(context, view, scene, taken, told);
}

function paintLand(context, view, scene) {
  if (scene.bare && !view.paper) return;
  context.fillStyle = look.nothing;
  // Where nobody says what is water, all of it is ground.
  if (!scene.land.length) context.fillRect(0, 0, view.width, view.height);
  for (const shape of scene.land) {
    context.beginPath();
    trace(context, view, scene.geometry, shape);
    context.fill("evenodd");
  }
}

// Local roads are drawn when there is room for them, main roads always and wider.
function paintRoads(context, view, scene) {
  const zoom = zoomOf(view);
  context.strokeStyle = look.road;
  look.roads.forEach((style, level) => {
    if (zoom < style.zoom) return;
    context.lineWidth = style.width * view.unit;
    context.beginPath();
    for (const road of scene.roads) {
      if (road.level !== level || !visible(view, road)) continue;
      for (let k = 0; k < road.x.length; k++) {
        const x = road.x[k] * view.scale - view.left;
        const y = road.y[k] * view.scale - view.top;
        if (k) context.lineTo(x, y);
        else context.moveTo(x, y);
      }
    }
    context.stroke();
  });
}

// How near the map is looked at, on the screen or on paper.
function zoomOf(view) {
  return Math.log2(view.scale / 256 / view.unit);
}

function paintCells(context, view, scene) {
  const cells = scene.cells;
  if (!cells) return;
  const byClass = cells.styles.map(() => []);
  for (let i = 0; i < cells.shapes.length; i++) {
    const number = cells.classes[i];
    if (number >= 0 && visible(view, cells.shapes[i])) byClass[number].push(cells.shapes[i]);
  }
  // White edges would hide cells that are a few pixels wide.
  const edged = widthOf(view, cells.shapes) > 7;
  byClass.forEach((shapes, number) => {
    if (!shapes.length) return;
    const style = cells.styles[number];
    context.save();
    context.globalAlpha = scene.opacity;
    if (style.flat) clipToLand(context, view, scene);
    const edge = style.edge || (edged && !style.flat ? "rgba(255,255,255,.75)" : style.fill);
    context.strokeStyle = edge;
    context.lineWidth = (edged ? 0.8 : 0.3) * view.unit;
    const fills = [style.fill, style.hatch && hatching(context, view, style.hatch)].filter(Boolean);
    for (let start = 0; start < shapes.length; start += CHUNK) {
      context.beginPath();
      const end = Math.min(start + CHUNK, shapes.length);
      for (let i = start; i < end; i++) trace(context, view, scene.geometry, shapes[i]);
      for (const fill of fills) {
        context.fillStyle = fill;
        context.fill("evenodd");
      }
      context.stroke();
    }
    context.restore();
  });
}

// Withheld areas are the ground of a page: drawn flat, and no further than the land.
function clipToLand(context, view, scene) {
  if (!scene.land.length) return;
  context.beginPath();
  for (const shape of scene.land) trace(context, view, scene.geometry, shape);
  context.clip();
}

// Slanting lines, as fine on paper as on the screen.
function hatching(context, view, colour) {
  const size = Math.max(4, Math.round(5 * view.unit * view.ratio));
  const tile = document.createElement("canvas");
  tile.width = tile.height = size;
  const brush = tile.getContext("2d");
  brush.strokeStyle = colour;
  brush.lineWidth = size * 0.24;
  brush.beginPath();
  for (const shift of [-size, 0, size]) {
    brush.moveTo(shift - 1, size + 1);
    brush.lineTo(shift + size + 1, -1);
  }
  brush.stroke();
  const pattern = context.createPattern(tile, "repeat");
  pattern.setTransform(new DOMMatrix().scale(1 / view.ratio));
  return pattern;
}

function paintZones(context, view, scene, layer) {
  const plainFirst = [...layer.shapes.keys()].sort((a, b) => layer.priority[a] - layer.priority[b]);
  for (const i of plainFirst) {
    const plain = layer.force[i] ? pastLine(layer.line) : layer.line;
    const line = layer.priority[i] ? look.priority : plain;
    paintOutline(context, view, scene, layer.shapes[i], line, layer.kind === "ward" ? 0 : 4);
  }
}

function paintOutline(context, view, scene, shape, line, casing) {
  if (!visible(view, shape)) return;
  context.beginPath();
  trace(context, view, scene.geometry, shape);
  if (casing) {
    context.setLineDash([]);
    context.strokeStyle = "rgba(255,255,255,.85)";
    context.lineWidth = casing * view.unit;
    context.stroke();
  }
  context.setLineDash(line.dash.map((length) => length * view.unit));
  context.strokeStyle = line.color;
  context.lineWidth = line.width * view.unit;
  context.stroke();
  context.setLineDash([]);
}

function trace(context, view, geometry, shape) {
  const x = geometry.x;
  const y = geometry.y;
  for (const ring of shape.rings) {
    context.moveTo(x[ring[0]] * view.scale - view.left, y[ring[0]] * view.scale - view.top);
    for (let k = 1; k < ring.length; k++) {
      context.lineTo(x[ring[k]] * view.scale - view.left, y[ring[k]] * view.scale - view.top);
    }
    context.closePath();
  }
}

function visible(view, shape) {
  return (
    shape.east * view.scale - view.left > -9 &&
    shape.west * view.scale - view.left < view.width + 9 &&
    shape.south * view.scale - view.top > -9 &&
    shape.north * view.scale - view.top < view.height + 9
  );
}

function widthOf(view, shapes) {
  return shapes.length ? (shapes[0].east - shapes[0].west) * view.scale : 0;
}

// Paper has no controls: scale bar and north are part of the picture, and names keep clear of them.
function paperCorners(view) {
  const u = view.unit;
  const corner = (west, north, east, south) => ({ west: west, north: north, east: east, south: south });
  return [
    corner(0, 0, 232 * u, 26 * u),
    corner(view.width - 34 * u, 0, view.width, 42 * u),
    corner(view.width * 0.74, view.height - 40 * u, view.width, view.height),
  ];
}

function paintScaleAndNorth(context, view) {
  const middle = latitudeOf((view.top + view.height / 2) / view.scale);
  const metres = (40075016.686 * Math.cos((middle * Math.PI) / 180)) / view.scale;
  const room = view.width * 0.22 * metres;
  const power = Math.pow(10, Math.floor(Math.log10(room)));
  const length = [5, 2, 1].map((n) => n * power).find((n) => n <= room) || power;
  const pixels = length / metres;
  const u = view.unit;
  const x = view.width - pixels - 12 * u;
  const y = view.height - 12 * u;
  context.fillStyle = "rgba(255,255,255,.85)";
  context.fillRect(x - 8 * u, y - 20 * u, pixels + 16 * u, 28 * u);
  context.strokeStyle = look.ink;
  context.lineWidth = 1.6 * u;
  context.beginPath();
  context.moveTo(x, y - 6 * u);
  context.lineTo(x, y);
  context.lineTo(x + pixels, y);
  context.lineTo(x + pixels, y - 6 * u);
  context.stroke();
  context.fillStyle = look.ink;
  context.font = 11 * u + "px " + scriptFont();
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  context.fillText(length >= 1000 ? length / 1000 + " km" : length + " m", x + pixels / 2, y - 8 * u);
  context.font = "bold " + 12 * u + "px " + scriptFont();
  context.fillText("N", view.width - 18 * u, 34 * u);
  context.beginPath();
  context.moveTo(view.width - 18 * u, 6 * u);
  context.lineTo(view.width - 12.5 * u, 21 * u);
  context.lineTo(view.width - 23.5 * u, 21 * u);
  context.fill();
}

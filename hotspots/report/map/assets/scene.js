// The map itself: what is drawn now, what a place is, where the map looks.

const data = unpacked(readData("map-data"));
const look = data.look;
const geometry = decodeShapes(data.shapes);
const state = { theme: 0, view: "now", by: "count", month: data.month, chosen: null, hidden: {} };
const byId = (id) => document.getElementById(id);
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const number = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat("en-GB", { style: "percent", maximumFractionDigits: 0 });

const backdrop = decodeBackdrop(data.backdrop);
const reach = decodeReach(data.reach);
let paperTimer = 0;
const land = data.land.map((k) => geometry.shapes[k]);
const map = L.map("map", {
  zoomSnap: 0.25,
  zoomDelta: 0.5,
  maxZoom: 18,
  minZoom: 7,
  attributionControl: false,
  zoomAnimation: !calm,
  fadeAnimation: false,
});
// Leaflet forgets what is asked while it zooms: a second press of + as much as a place to look at.
map.setView = function (...asked) {
  if (this._animatingZoom) this._onZoomTransitionEnd();
  return L.Map.prototype.setView.apply(this, asked);
};
L.control.scale({ position: "bottomright", maxWidth: 130, imperial: false }).addTo(map);
const north = L.control({ position: "bottomright" });
north.onAdd = () => element("div", { className: "north", ariaHidden: "true" }, "N");
north.addTo(map);

// A Leaflet renderer that asks the painter for the whole picture whenever the map has moved.
const Picture = L.Renderer.extend({
  options: { padding: 0.25 },
  _initContainer() {
    this._container = element("canvas", { className: "picture" });
    this._container.setAttribute("aria-hidden", "true");
  },
  _destroyContainer() {
    this._container.remove();
    delete this._container;
  },
  _update() {
    // While a zoom runs, Leaflet stretches the picture there is; it is painted once, at the end.
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const size = this._bounds.getSize();
    const origin = this._map.getPixelOrigin().add(this._bounds.min);
    L.DomUtil.setPosition(this._container, this._bounds.min);
    fitCanvas(this._container, size.x, size.y, window.devicePixelRatio || 1);
    const view = {
      scale: 256 * Math.pow(2, this._map.getZoom()),
      left: origin.x,
      top: origin.y,
      width: size.x,
      height: size.y,
      ratio: this._container.width / size.x,
      unit: Math.min(2.2, Math.max(1, innerWidth / 1600)),
      inner: innerBox(size, this._map.getSize()),
      covered: controlBoxes(this._bounds.min),
    };
    paint(this._container.getContext("2d"), view, scene());
  },
});
const picture = new Picture();

// The part of the canvas that is seen before the map is moved: names stay inside it.
function innerBox(canvas, seen) {
  const x = (canvas.x - seen.x) / 2;
  const y = (canvas.y - seen.y) / 2;
  return { west: x, east: x + seen.x, north: y, south: y + seen.y };
}

// Buttons, scale and north: neither a pin nor a name is painted under them.
function controlBoxes(canvas) {
  const seen = map.getContainer().getBoundingClientRect();
  const corner = map.containerPointToLayerPoint([0, 0]).subtract(canvas);
  return [...document.querySelectorAll(".stage .leaflet-control, .map-looks")].map((control) => {
    const box = control.getBoundingClientRect();
    const west = box.left - seen.left + corner.x;
    const north = box.top - seen.top + corner.y;
    return { west: west - 3, east: west + box.width + 3, north: north - 3, south: north + box.height + 3 };
  });
}

function fitCanvas(canvas, width, height, ratio) {
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = width + "px";
  canvas.style.height = height + "px";
}

// What is drawn now -----------------------------------------------------------------------------

function scene() {
  const theme = data.themes[state.theme];
  return {
    geometry: geometry,
    land: land,
    bare: Boolean(data.tiles),
    roads: shown("backdrop") ? backdrop.lines : [],
    opacity: opacity(),
    cells: theme.cells && shown("cells") ? shadedCells(theme) : null,
    zones: data.zones.filter((layer, k) => shown("zone-" + k)).map(zoneLayer),
    outlines: theme.outlines
      .filter((group, k) => shown("outline-" + k))
      .flatMap((group) => group.shape.map((k, i) => ({ shape: geometry.shapes[k], line: outlineOf(group, i) }))),
    flag: flagLine(theme),
    flags: flagged(theme, "flags"),
    cores: flagged(theme, "cores"),
    packs: shown("packs") ? reach.packs : [],
    away: shown("away") ? reach.away : [],
    pins: shown("pins") ? pins(theme) : [],
    selected: state.chosen && shapeOf(state.chosen),
    names: shown("names") ? names() : [],
  };
}

// Over streets the shades let them through; over nothing they need not.
function opacity() {
  return data.tiles || (shown("backdrop") && backdrop.lines.length) ? look.opacity : 1;
}

function flagged(theme, which) {
  const now = state.view === "now" && shown("flags");
  return now ? theme[which].map((k) => geometry.shapes[k]) : [];
}

// Flags of cells that are high themselves are whole lines; of neighbourhoods, where both are told apart, broken ones.
function flagLine(theme) {
  return theme.classes.hot && theme.classes.hot.fills.length > 2 ? look.halo : look.flag;
}

// A cluster as chance gives them, too, has a thin broken line.
function outlineOf(group, i) {
  return group.chance[i] ? look.chance : look.cluster;
}

function shown(layer) {
  return !state.hidden[layer];
}

function shadedCells(theme) {
  const shapes = theme.cells.shape.map((k) => geometry.shapes[k]);
  if (state.view === "change") {
    return { shapes: shapes, classes: theme.before.change, styles: changeStyles(theme) };
  }
  const shade = theme.classes[state.by];
  const classes = valuesNow(theme).map((value, i) => {
    if (state.by === "hot") return theme.cells.count[i] > 0 ? sureClass(theme, value, i) : -1;
    return isMissing(theme, value, i) ? shade.bounds.length : classOf(value, shade.bounds);
  });
  const styles = shade.fills.map((fill) => ({ fill: fill }));
  if (shade.missing) styles.push(shade.missing);
  return { shapes: shapes, classes: classes, styles: styles };
}

// Could be chance; more than chance; and, where it is known, more than chance alone. The class behind them is not tested.
function sureClass(theme, value, i) {
  if (value === null || value > 1) return theme.classes.hot.bounds.length;
  if (value === 0) return 0;
  return theme.classes.hot.fills.length > 2 && theme.cells.core[i] === 1 ? 2 : 1;
}

function isMissing(theme, value, i) {
  if (value !== null) return false;
  const known = !theme.disclosed && theme.cells.count[i] === 0;
  return !known && (state.by === "count" || theme.weighed);
}

function changeStyles(theme) {
  const last = look.change.length - 1;
  return look.change.map((style, k) => (k === last ? { fill: style.fill, flat: theme.before.rounded } : style));
}

function valuesNow(theme) {
  if (state.view === "before") return valuesBefore(theme, state.by);
  const monthly = theme.monthly && state.by !== "hot" && theme.monthly[state.by];
  if (monthly && state.month !== data.month) return monthly[state.month];
  return theme.cells[state.by];
}

// Numbers of the earlier time: its own, or those of one of the periods; null where there are none.
function valuesBefore(theme, by) {
  const before = theme.before;
  if (!before || by === "hot") return null;
  if (before.month === null) return before[by];
  return theme.monthly && theme.monthly[by] ? theme.monthly[by][before.month] : null;
}

function zoneLayer(layer) {
  return {
    kind: layer.kind,
    line: layer.line,
    shapes: layer.shape.map((k) => geometry.shapes[k]),
    priority: layer.priority,
    force: layer.force,
  };
}

// An order that had ended, or not begun, is a thin dotted line.
function pastLine(line) {
  return { color: line.color, width: 1.3, dash: look.past_dash };
}

// The pins of the list, or those of the table of the change.
function pins(theme) {
  const marked = state.view === "change" ? theme.before.pins : theme.top;
  return marked.filter((place) => place.rank).map((place) => ({
    label: place.rank,
    name: placeName(place),
    mark: place.mark,
    shape: shapeOf(place),
    selected: samePlace(place, state.chosen),
  }));
}

function names() {
  const wards = data.zones
    .filter((layer, k) => ["ward", "protect"].includes(layer.kind) && shown("zone-" + k))
    .flatMap((layer) =>
      layer.shape.map((k, i) => ({
        text: textAt(layer.name, i),
        shape: geometry.shapes[k],
        strong: layer.priority[i] || layer.kind === "protect",
        free: layer.kind === "protect",
      })),
    )
    .sort((a, b) => b.strong - a.strong || extent(b.shape) - extent(a.shape));
  return wards.concat(shown("backdrop") ? backdrop.names : []);
}

function extent(shape) {
  return (shape.east - shape.west) * (shape.south - shape.north);
}

// A place is a cell (group -1) or an item of a group of outlines ---------------------------------

function columnsOf(place) {
  const theme = data.themes[state.theme];
  return place.group < 0 ? theme.cells : theme.outlines[place.group];
}

function shapeOf(place) {
  return geometry.shapes[columnsOf(place).shape[place.item]];
}

function samePlace(a, b) {
  return Boolean(a && b && a.group === b.group && a.item === b.item);
}

function redraw() {
  if (picture._map) picture._update();
  paperLater();
}

function paperLater() {
  tell("sheet", "waiting");
  clearTimeout(paperTimer);
  paperTimer = setTimeout(drawForPaper, 600);
}

// What the page is doing, for whoever waits for it: data-map is "moving" until it stands still and
// is "drawn", data-sheet is "waiting" until the paper is "drawn".
function tell(what, state) {
  document.body.dataset[what] = state;
}

// Where the map looks ---------------------------------------------------------------------------

function lookAt(box, most, still) {
  const corner = (x, y) => [latitudeOf(y), longitudeOf(x)];
  if (!still) tell("map", "moving");
  map.fitBounds(L.latLngBounds(corner(box.west, box.south), corner(box.east, box.north)), {
    animate: !calm && !still,
    maxZoom: most || 18,
    paddingTopLeft: [16, 52],
    paddingBottomRight: [16, 40],
  });
}

function lookAtEverything(still) {
  const theme = data.themes[state.theme];
  const cells = theme.cells ? theme.cells.shape.map((k) => geometry.shapes[k]) : [];
  const shapes = land.length ? land : cells.length ? cells : geometry.shapes;
  // With nothing to look at, the middle of England: a map without a view cannot be drawn.
  lookAt(shapes.length ? joinBoxes(shapes) : { west: 0.49, east: 0.5, north: 0.32, south: 0.33 }, 18, still);
}

// The page opens on the places, or on everything where none is listed.
function lookAtFirst() {
  lookAtEverything(true);
  lookAtPlaces(true);
}

function listedShapes(theme) {
  const listed = state.view === "change" ? theme.before.pins : theme.top;
  return [...listed.map(shapeOf), ...reach.away.map((mark) => mark.box)];
}

function lookAtPlaces(still) {
  const shapes = listedShapes(data.themes[state.theme]);
  if (!shapes.length) return;
  lookAround(joinBoxes(shapes), 0.12, still);
}

function lookAtShape(shape) {
  lookAround(shape, 1.1);
}

function lookAround(box, margin, still) {
  const by = Math.max(box.east - box.west, box.south - box.north) * margin;
  lookAt({ west: box.west - by, east: box.east + by, north: box.north - by, south: box.south + by }, 15, still);
}

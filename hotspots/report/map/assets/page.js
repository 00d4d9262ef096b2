// Menus, tiles, and the start. Text from the data only ever becomes text content.

// Only one menu is open at a time; Escape and a click elsewhere close it.
function startMenus() {
  const menus = [...document.querySelectorAll("details.menu")];
  const closeOthers = (kept) => menus.forEach((menu) => (menu.open = menu.open && menu === kept));
  menus.forEach((menu) => menu.addEventListener("toggle", () => menu.open && closeOthers(menu)));
  document.addEventListener("toggle", fitScrolled, true);
  document.addEventListener("click", (event) => closeOthers(event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && menus.find((menu) => menu.open);
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
}

// Online tiles are an extra: where they cannot be had, the page says so and stays complete.
function startTiles() {
  if (!data.tiles) return;
  const tiles = L.tileLayer(data.tiles.url, { maxZoom: 18 });
  tiles.on("tileerror", () => (byId("tiles-failed").hidden = false));
  tiles.on("tileload", () => (byId("tiles-failed").hidden = true));
  tiles.addTo(map);
}

// Small things ----------------------------------------------------------------------------------

function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function say(words) {
  byId("live").textContent = words;
}

function start() {
  document.body.classList.add("live");
  document.querySelectorAll("[data-live-role]").forEach((part) => part.setAttribute("role", part.dataset.liveRole));
  const asked = new URLSearchParams(location.hash.slice(1));
  setPaper(asked.get("paper") === "a3" ? "a3" : "a4");
  if (SHADES[asked.get("shade")]) state.by = asked.get("shade");
  if (VIEWS.includes(asked.get("view"))) state.view = asked.get("view");
  startTabs();
  startDetails();
  startDecisions();
  startPointer();
  startMonths();
  startSearch();
  startReach();
  startPrint();
  startSave();
  startLinks();
  startMenus();
  const first = Math.max(data.themes.findIndex((theme) => theme.cells || theme.outlines.length), 0);
  openTheme(Math.min(Number(asked.get("theme") ?? first) || 0, data.themes.length - 1));
  lookAtFirst();
  startTiles();
  picture.addTo(map);
  let looked = followLink(asked);
  map.on("movestart", (event) => (looked = looked || Boolean(event.originalEvent)));
  map.on("moveend", () => showLegend(true));
  map.on("moveend", tellLink);
  map.on("movestart zoomstart", () => tell("map", "moving"));
  let opened = false;
  new ResizeObserver(() => {
    map.invalidateSize({ animate: false });
    if (!looked && !state.chosen) lookAtFirst();
    fitScrolled();
    redraw();
    if (opened) return;
    opened = true;
    tell("map", "drawn");
    map.on("moveend", () => tell("map", "drawn"));
  }).observe(byId("map"));
  window.hotspots = { map: map, scene: scene, ready: true };
}

start();

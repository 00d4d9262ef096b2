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

// The legend lists what is in sight, and takes its room from the map. It is asked anew when somebody looks
// elsewhere or the window is another, not when it took room itself: a line would come and go for ever.
function startRoom(looked) {
  const side = document.querySelector(".side");
  let settling = false;
  const settle = (anew) => {
    settling = true;
    map.invalidateSize({ animate: false });
    // Twice: what the first look has in its legend leaves more room or less for the second.
    for (let turn = 0; anew && turn < 2; turn++) {
      if (!looked && !state.chosen) lookAtFirst();
      showLegend(true);
      map.invalidateSize({ animate: false });
    }
    settling = false;
  };
  map.on("movestart zoomstart", () => {
    if (settling) return;
    looked = true;
    tell("map", "moving");
  });
  map.on("moveend", () => {
    if (settling) return;
    showLegend(true);
    settle(false);
    tellLink();
    tell("map", "drawn");
  });
  const room = new ResizeObserver((changed) => {
    settle(changed.some((one) => one.target === side));
    redraw();
    tellLink();
    if (!document.body.dataset.map) tell("map", "drawn");
  });
  room.observe(side);
  room.observe(byId("map"));
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
  startRoom(followLink(asked));
  window.hotspots = { map: map, scene: scene, ready: true };
}

start();

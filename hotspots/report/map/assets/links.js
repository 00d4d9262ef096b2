// A link that brings back theme, view, place and where the map looks.

function startLinks() {
  byId("copy-link").hidden = !data.links;
  byId("copy-link").addEventListener("click", copyLink);
}

// A link says theme, view, place and where the map looks; nothing of it leaves the address.
function linkNow() {
  const middle = map.getCenter();
  const said = { theme: state.theme, view: state.view, shade: state.by };
  if (state.chosen) said.place = idOf(columnsOf(state.chosen), state.chosen.item);
  said.map = [middle.lat.toFixed(5), middle.lng.toFixed(5), map.getZoom()].join(",");
  return "#" + Object.entries(said).map(([name, value]) => name + "=" + encodeURIComponent(value)).join("&");
}

let linked = false;

function tellLink() {
  if (!linked || !data.links) return;
  try {
    history.replaceState(null, "", linkNow());
  } catch {
    // Some frames refuse another address: the page goes on without a link.
    linked = false;
  }
}

async function copyLink() {
  const link = location.href.split("#")[0] + linkNow();
  let done = true;
  try {
    await navigator.clipboard.writeText(link);
  } catch {
    const field = element("textarea", { value: link });
    byId("details").append(field);
    field.select();
    done = document.execCommand("copy");
    field.remove();
  }
  byId("copied").textContent = done ? "Copied" : "Copy it from the address line";
}

// What a link asks for, once the page stands.
function followLink(asked) {
  const wanted = asked.get("place");
  const theme = data.themes[state.theme];
  [theme.cells, ...theme.outlines].forEach((columns, group) => {
    const item = wanted && columns ? columns.shape.findIndex((_, i) => idOf(columns, i) === wanted) : -1;
    if (item >= 0 && !state.chosen) choose({ group: group - 1, item: item });
  });
  const [latitude, longitude, zoom] = (asked.get("map") || "").split(",").map(Number);
  const given = zoom > 0 && Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
  if (given) map.setView([latitude, longitude], zoom, { animate: false });
  linked = true;
  return given || Boolean(state.chosen);
}

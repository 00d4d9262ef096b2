// Only in pages with layers added by hand: Folium's popups build their content with one jQuery call.
window.$ = window.$ || function (markup) {
  const holder = document.createElement("template");
  holder.innerHTML = String(markup).trim();
  return [holder.content.firstElementChild];
};

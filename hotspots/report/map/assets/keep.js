// The page as it was written, before any script changes it: "Save this page" starts from it.
const asWritten = document.getElementById("decisions") ? document.documentElement.outerHTML : "";

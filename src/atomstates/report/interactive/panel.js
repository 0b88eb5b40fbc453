// What all panels share: their data, elements of the page, numbers in words, vectors.
const atomstates = { panels: {} };

(function () {
  "use strict";
  const kinds = { u1: Uint8Array, u2: Uint16Array, f4: Float32Array };

  // 3Dmol.js stands in the page as text and becomes a program when the first panel is looked at.
  atomstates.library = function () {
    if (!window.$3Dmol) {
      const script = document.createElement("script");
      script.textContent = document.getElementById("viewer-library").textContent;
      document.head.append(script);
    }
    return window.$3Dmol;
  };

  // An array that Python's `packed` made: {shape, values}; inflated by pako, which 3Dmol.js brings.
  atomstates.unpacked = function (content) {
    const deflated = Uint8Array.from(atob(content.data), (letter) => letter.charCodeAt(0));
    const bytes = atomstates.library().inflateString(deflated.buffer, false);
    return { shape: content.shape, values: new kinds[content.kind](bytes.slice().buffer) };
  };

  // element("button", {type: "button"}, "words", child ...)
  atomstates.element = function (name, attributes, ...children) {
    const space = atomstates.element.drawn.has(name) ? "http://www.w3.org/2000/svg" : null;
    const made = space ? document.createElementNS(space, name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
      else if (value !== null && value !== false) made.setAttribute(key, value === true ? "" : value);
    }
    made.append(...children.filter((child) => child !== null));
    return made;
  };
  atomstates.element.drawn = new Set(["svg", "g", "rect", "line", "text", "path", "circle", "title"]);

  atomstates.choice = function (label, options, chosen) {
    const list = atomstates.element("select", { onchange: () => chosen(Number(list.value)) });
    options.forEach((words, i) => list.append(atomstates.element("option", { value: i }, words)));
    return { list, whole: atomstates.element("label", {}, `${label} `, list) };
  };

  atomstates.number = function (value, digits) {
    if (value === 0) return "0";
    const size = Math.abs(value);
    const text = size >= 1e4 || size < 1e-3 ? value.toExponential(digits - 1) : value.toPrecision(digits);
    return text.includes("e") ? Number(text).toLocaleString("en", { maximumSignificantDigits: digits }) : text;
  };

  // Value and error to two digits of the error.
  atomstates.measured = function (value, error) {
    if (!(error > 0)) return atomstates.number(value, 3);
    const decimals = Math.min(Math.max(1 - Math.floor(Math.log10(error)), 0), 6);
    return `${value.toFixed(decimals)} ± ${error.toFixed(decimals)}`;
  };

  // Row vectors: position = fraction · cell.
  atomstates.placed = (fraction, cell) =>
    [0, 1, 2].map((k) => fraction[0] * cell[0][k] + fraction[1] * cell[1][k] + fraction[2] * cell[2][k]);
  atomstates.point = ([x, y, z]) => ({ x, y, z });
  atomstates.difference = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
  atomstates.dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  atomstates.cross = (a, b) => [
    a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0],
  ];
  atomstates.length = (a) => Math.hypot(a[0], a[1], a[2]);
  atomstates.unit = (a) => a.map((x) => x / (atomstates.length(a) || 1));

  atomstates.corners = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => [n & 1, (n >> 1) & 1, n >> 2]);
  // Pairs of corners of a cell that an edge joins.
  atomstates.edges = [];
  atomstates.corners.forEach((corner, i) => [1, 2, 4].forEach((bit) => {
    if (!(i & bit)) atomstates.edges.push([i, i | bit]);
  }));

  // Colours from low (0) to high (1), the map "viridis" less its palest end: apart for any colour vision.
  const stops = [[68, 1, 84], [65, 68, 135], [42, 120, 142], [34, 168, 132], [122, 209, 81], [222, 205, 38]];
  atomstates.shade = function (share) {
    const at = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
    const low = Math.min(Math.floor(at), stops.length - 2);
    const mixed = stops[low].map((value, k) => Math.round(value + (at - low) * (stops[low + 1][k] - value)));
    return "#" + mixed.map((value) => value.toString(16).padStart(2, "0")).join("");
  };
})();

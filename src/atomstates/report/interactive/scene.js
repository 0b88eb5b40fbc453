// A place for a view in three dimensions: starts when it is seen or asked for, keeps the page scrolling,
// obeys the keyboard, stands still as a picture in print.
(function () {
  "use strict";
  const MOST_ALIVE = 6; // browsers allow some more contexts of WebGL, and phones no more
  const alive = [];
  const coarse = window.matchMedia("(pointer: coarse)").matches;

  atomstates.Scene = class {
    // drawn(scene) is called each time the view has been started; label says what is seen.
    constructor(label, drawn) {
      const element = atomstates.element;
      this.drawn = drawn;
      this.viewer = null;
      this.rested = false;
      this.button = element("button", { type: "button", class: "begin", onclick: () => this.start() },
        "Show in 3-D");
      this.canvas = element("div", { class: "canvas" });
      this.picture = element("img", { class: "still", alt: label });
      this.picture.hidden = true;
      this.holder = element("div", {
        class: "scene", tabindex: "0", role: "img", "aria-label": `${label}. Arrow keys turn, + and − zoom.`,
        onkeydown: (event) => this.key(event),
      }, this.canvas, this.button, this.picture);
      this.turning = element("button", {
        type: "button", class: "turning", "aria-pressed": "false",
        onclick: () => this.allow(!this.touch),
      }, "Turn by touch");
      this.turning.hidden = true;
      this.whole = element("div", { class: "view" }, this.holder, this.turning);
      this.touch = !coarse;
      for (const kind of ["wheel", "touchstart", "touchmove"]) {
        this.canvas.addEventListener(kind, (event) => this.filter(event), { capture: true, passive: true });
      }
      window.addEventListener("beforeprint", () => {
        if (!this.holder.isConnected) return;
        if (this.picture.hidden) this.start(); // one that nobody has looked at
        this.freeze();
      });
      if (coarse || !("IntersectionObserver" in window)) return;
      const observer = new IntersectionObserver((entries) => {
        if (entries.some((entry) => entry.isIntersecting)) {
          observer.disconnect();
          this.start();
        }
      }, { threshold: 0.35 });
      observer.observe(this.holder);
    }

    start() {
      if (this.viewer) return;
      this.rested = false;
      try {
        const options = { backgroundColor: "white", antialias: true, id: `view${alive.length}` };
        this.viewer = atomstates.library().createViewer(this.canvas, options);
      } catch (error) {
        this.viewer = null;
      }
      if (!this.viewer) {
        this.button.replaceWith(atomstates.element("p", { class: "hint" },
          "This browser offers no WebGL, so there is no view in three dimensions."));
        return;
      }
      this.viewer.setProjection("orthographic");
      this.viewer.enableFog(false);
      this.button.hidden = true;
      this.turning.hidden = !coarse;
      alive.push(this);
      if (alive.length > MOST_ALIVE) alive.shift().rest();
      this.drawn(this);
      this.holder.dataset.started = "";
    }

    // Makes room for another view.
    rest() {
      if (!this.viewer) return;
      this.freeze();
      if (alive.includes(this)) alive.splice(alive.indexOf(this), 1);
      const gl = this.canvas.querySelector("canvas").getContext("webgl2");
      this.canvas.replaceChildren();
      if (gl) gl.getExtension("WEBGL_lose_context").loseContext();
      this.viewer = null;
      this.rested = true;
      this.button.hidden = false;
      delete this.holder.dataset.started;
    }

    // The view as it is now, for print.
    freeze() {
      if (!this.viewer) return;
      this.picture.src = this.viewer.pngURI();
      this.picture.hidden = false;
    }

    allow(touch) {
      this.touch = touch;
      this.turning.setAttribute("aria-pressed", String(touch));
      this.turning.textContent = touch ? "Scroll by touch" : "Turn by touch";
    }

    // A wheel or a finger on the way down the page is not for the view.
    filter(event) {
      const meant = event.type === "wheel" ? this.holder.contains(document.activeElement) : this.touch;
      if (!meant) event.stopPropagation();
    }

    key(event) {
      const turns = { ArrowLeft: [-10, "y"], ArrowRight: [10, "y"], ArrowUp: [-10, "x"], ArrowDown: [10, "x"] };
      const zooms = { "+": 1.15, "=": 1.15, "-": 1 / 1.15 };
      if (!this.viewer || event.ctrlKey || event.metaKey || event.altKey) return;
      if (turns[event.key]) this.viewer.rotate(...turns[event.key]);
      else if (zooms[event.key]) this.viewer.zoom(zooms[event.key]);
      else return;
      event.preventDefault();
      this.viewer.render();
    }

    clear() {
      this.viewer.removeAllModels();
      this.viewer.removeAllShapes();
      this.viewer.removeAllLabels();
    }

    // Looks along -sight with `up` upwards (vectors, Å), so that the points fill the view.
    look(sight, up, points) {
      const z = atomstates.unit(sight);
      const x = atomstates.unit(atomstates.cross(up, z));
      const y = atomstates.cross(z, x);
      this.viewer.zoomTo();
      const view = this.viewer.getView();
      this.viewer.setView([...view.slice(0, 4), ...quaternion([x, y, z])]);
      this.viewer.render();
      const seen = this.viewer.modelToScreen(points.map(atomstates.point));
      const extent = ["x", "y"].map((k) => {
        const all = seen.map((place) => place[k]);
        return Math.max(...all) - Math.min(...all) + 40; // what the balls need beyond their middles
      });
      const { clientWidth, clientHeight } = this.canvas;
      this.viewer.zoom(Math.min((0.94 * clientWidth) / extent[0], (0.94 * clientHeight) / extent[1]));
      this.viewer.render();
    }

    narrow() {
      return this.holder.clientWidth < 480;
    }

    // Balls of one kind as a model of their own: [{at: [x, y, z], colour, tip, act}].
    balls(atoms, radius, opacity) {
      const model = this.viewer.addModel();
      model.addAtoms(atoms.map((atom, serial) => ({
        elem: "X", serial, bonds: [], bondOrder: [], properties: atom, ...atomstates.point(atom.at),
      })));
      model.setStyle({}, { sphere: { radius, opacity: opacity || 1, colorfunc: (a) => a.properties.colour } });
      if (atoms.some((atom) => atom.act)) {
        model.setClickable({}, true, (atom) => atom.properties.act && atom.properties.act());
      }
      if (atoms.some((atom) => atom.tip)) this.hovering(model);
      return model;
    }

    hovering(model) {
      let label = null;
      model.setHoverable({}, true, (atom, viewer) => {
        if (label || !atom.properties.tip) return;
        label = viewer.addLabel(atom.properties.tip, {
          position: atom, fontSize: 12, backgroundColor: "#1d2228", backgroundOpacity: 0.85, inFront: true,
        });
      }, (atom, viewer) => {
        if (label) viewer.removeLabel(label);
        label = null;
      });
    }

    // Words on a ball, or, with `plate`, on a plate of their own.
    word(text, at, colour, plate) {
      return this.viewer.addLabel(text, {
        position: atomstates.point(at), fontSize: this.narrow() ? 10 : 12, fontColor: colour || "#1d2228",
        showBackground: Boolean(plate), backgroundColor: plate || "white", backgroundOpacity: 0.8,
        alignment: "center", inFront: true,
      });
    }

    stick(from, to, colour, radius, opacity) {
      this.viewer.addCylinder({
        start: atomstates.point(from), end: atomstates.point(to), radius: radius, color: colour,
        opacity: opacity || 1, fromCap: 1, toCap: 1,
      });
    }

    // The outline of a cell, and the names of its vectors.
    box(cell, origin, named) {
      const start = origin || [0, 0, 0];
      const at = (fraction) => atomstates.placed(fraction, cell).map((x, k) => x + start[k]);
      for (const [one, other] of atomstates.edges) {
        const [from, to] = [one, other].map((n) => atomstates.point(at(atomstates.corners[n])));
        this.viewer.addLine({ start: from, end: to, color: "#5b6570", linewidth: 1.5 });
      }
      if (named === false) return;
      ["a", "b", "c"].forEach((name, k) => {
        this.word(name, at([0, 1, 2].map((n) => (n === k ? 0.5 : -0.03))), "#1d2228", "white");
      });
    }

    // Triangles between points (Å) with their normals.
    mesh(points, normals, faces, colour, opacity) {
      return this.viewer.addCustom({
        vertexArr: points.map(atomstates.point), normalArr: normals.map(atomstates.point), faceArr: faces,
        color: colour, opacity,
      });
    }

    // The convex hull of a few points around one of them: a polyhedron of anions.
    polyhedron(points, centre, colour, opacity) {
      const vertices = [], normals = [], faces = [];
      for (const [a, b, c] of triangles(points)) {
        let normal = atomstates.unit(atomstates.cross(
          atomstates.difference(points[b], points[a]), atomstates.difference(points[c], points[a])));
        const out = atomstates.dot(normal, atomstates.difference(points[a], centre)) > 0;
        if (!out) normal = normal.map((x) => -x);
        const n = vertices.length;
        vertices.push(points[a], points[b], points[c]);
        normals.push(normal, normal, normal);
        faces.push(...(out ? [n, n + 1, n + 2] : [n, n + 2, n + 1]));
      }
      if (faces.length) this.mesh(vertices, normals, faces, colour, opacity);
    }
  };

  atomstates.howToTurn = coarse
    ? "“Turn by touch” lets fingers turn and zoom the view instead of moving the page."
    : "Drag to turn; after a click, the wheel zooms.";

  // Triples of points that have all others on one side.
  function triangles(points) {
    const found = [];
    for (let a = 0; a < points.length; a++) {
      for (let b = a + 1; b < points.length; b++) {
        for (let c = b + 1; c < points.length; c++) {
          const normal = atomstates.unit(atomstates.cross(
            atomstates.difference(points[b], points[a]), atomstates.difference(points[c], points[a])));
          const sides = points.map((p) => atomstates.dot(normal, atomstates.difference(p, points[a])));
          if (sides.every((side) => side < 0.05) || sides.every((side) => side > -0.05)) found.push([a, b, c]);
        }
      }
    }
    return found;
  }

  // Of the rotation whose rows are the directions that go right, up and towards the eye.
  function quaternion([[a, b, c], [d, e, f], [g, h, i]]) {
    const trace = a + e + i;
    let q;
    if (trace > 0) q = [h - f, c - g, d - b, 1 + trace];
    else if (a >= e && a >= i) q = [1 + a - e - i, b + d, c + g, h - f];
    else if (e >= i) q = [b + d, 1 + e - a - i, f + h, c - g];
    else q = [c + g, f + h, 1 + i - a - e, d - b];
    const size = Math.hypot(...q);
    return q.map((x) => x / size);
  }
})();

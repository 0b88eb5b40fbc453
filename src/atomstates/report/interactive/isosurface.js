// The density of the mobile ions in the unit cell: temperature, level, framework, cell.
(function () {
  "use strict";
  const { element, number, placed } = atomstates;
  const BORDER = 0.02; // fraction by which atoms beyond the cell are drawn once more
  const BOND = 1.25; // times the shortest distance between a cation and an anion

  atomstates.panels.isosurface = function (panel, data) {
    // density: the level that the reader chose, 1/Å³, which holds at all temperatures
    const state = { at: data.temperatures.length - 1, step: 128, density: null, field: null, shape: null };
    const temperature = atomstates.choice("Temperature", data.temperatures.map((t) => `${t.temperature} K`),
      (at) => { state.at = at; changed(true); });
    temperature.list.value = state.at;
    const slider = element("input", {
      type: "range", min: 1, max: 254, step: 0.5, "aria-label": "Level of the isosurface",
      oninput: () => choose(Number(slider.value)),
    });
    const ticks = element("span", { class: "ticks", "aria-hidden": "true" });
    const said = element("output", { class: "said" });
    const marks = element("span", { class: "marks" });
    const sides = element("span", { class: "sides" }, "Look along ",
      ...["a", "b", "c"].map((name, axis) => element("button", {
        type: "button", onclick: () => scene.viewer && look(axis),
      }, name)));
    const scene = new atomstates.Scene(`Isosurface of the density of ${data.ion}`, () => {
      changed(true);
      draw();
      look(null);
    });
    panel.append(
      element("h4", {}, `Isosurface of the density of ${data.ion}`),
      element("div", { class: "controls" }, temperature.whole,
        element("label", {}, "Level ", element("span", { class: "level" }, slider, ticks)), marks, sides),
      scene.whole, said,
      element("p", { class: "hint" },
        "The density here is the mean over blocks of 2 × 2 × 2 voxels, by which percolation is judged. “Paths " +
        "along” sets the density of the rarest block on the easiest path along that axis, which is about where the " +
        "surface opens; the scale of levels is logarithmic, and a level that you choose stays when you change the temperature. " +
        atomstates.howToTurn));

    const entry = () => data.temperatures[state.at];
    const level = (step) => entry().least * (entry().top / entry().least) ** ((step - 1) / 254);
    const stepOf = (density) =>
      1 + (254 * Math.log(density / entry().least)) / Math.log(entry().top / entry().least);
    const highest = () => Math.max(Math.floor(2 * stepOf(entry().peak)) / 2 - 0.5, 1.5);

    function changed(other) {
      if (other) {
        marks.replaceChildren(...thresholds());
        ticks.replaceChildren(...Object.entries(entry().thresholds).map(([axis, density]) =>
          element("i", { style: `left: ${(100 * (stepOf(density) - 1)) / (highest() - 1)}%` }, axis)));
        if (scene.viewer) {
          frame();
          const steps = atomstates.unpacked(entry().steps);
          state.field = { shape: steps.shape, values: steps.values, first: entry().first };
        }
        const step = state.density ? stepOf(state.density) : startingStep();
        slider.max = highest();
        slider.value = state.step = Math.min(Math.max(Math.round(2 * step) / 2, 1), highest());
      }
      say();
      if (scene.viewer) redraw();
    }
    function choose(step) {
      slider.value = state.step = step;
      state.density = level(step);
      changed(false);
    }

    // Where the first path opens, so that it is seen at once; else where it is a tenth of the peak.
    function startingStep() {
      const along = Object.values(entry().thresholds);
      return stepOf(along.length ? 0.9 * Math.max(...along) : 0.1 * entry().peak);
    }

    function thresholds() {
      const along = Object.entries(entry().thresholds);
      if (!along.length) return [`no path was visited often enough at ${entry().temperature} K`];
      const buttons = along.map(([axis, density]) => element("button", {
        type: "button", "data-axis": axis, onclick: () => choose(Math.floor(2 * stepOf(density)) / 2),
      }, axis));
      return ["Paths along ", ...buttons];
    }

    function say() {
      const density = level(state.step), here = entry();
      const barrier = here.kT * Math.log(here.peak / density);
      let text = `${number(density, 2)} ${data.ion}/Å³, that is ${number(100 * density / here.peak, 2)} % of the ` +
        `peak or ${number(density / here.mean, 2)} times the mean; −kT ln(ρ/ρ of the peak) = ${barrier.toFixed(3)} eV.`;
      if (state.field) {
        const [volume, ions] = enclosed(state.field, state.step);
        text += ` Within the surface: ${number(100 * ions, 2)} % of the ${data.ion} in ` +
          `${number(100 * volume, 2)} % of the cell.`;
      }
      said.textContent = text;
      slider.setAttribute("aria-valuetext", text);
    }

    function enclosed(field, step) {
      let inside = 0, ions = 0, all = 0;
      for (const value of field.values) {
        const density = value ? level(value) : 0;
        all += density;
        if (value > step) { inside++; ions += density; }
      }
      return [inside / field.values.length, ions / all];
    }

    let waiting = false;
    function redraw() {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        if (waiting) draw();
      });
    }

    function draw() {
      waiting = false;
      if (!scene.viewer || !state.field) return;
      const cell = entry().cell, found = atomstates.surface(state.field, state.step);
      const inverse = reciprocal(cell);
      const points = found.fractions.map((fraction) => placed(fraction, cell));
      // the field falls outwards
      const normals = found.slopes.map((slope) => atomstates.unit(placed(slope.map((x) => -x), inverse)));
      if (state.shape) scene.viewer.removeShape(state.shape);
      state.shape = points.length
        ? scene.mesh(points, normals, found.faces, data.colours[data.ion], 0.92) : null;
      scene.viewer.render();
      scene.holder.dataset.drawn = `${entry().temperature} K ${state.step}`;
      scene.holder.dataset.triangles = found.faces.length / 3;
    }

    function frame() {
      scene.clear();
      state.shape = null;
      const cell = entry().cell, atoms = images(data.framework);
      for (const name of new Set(atoms.map((atom) => atom.element))) {
        scene.balls(atoms.filter((atom) => atom.element === name).map((atom) => ({
          at: placed(atom.fraction, cell), colour: data.colours[name], tip: name,
        })), data.anions.includes(name) ? 0.34 : 0.42);
      }
      const anions = atoms.filter((atom) => data.anions.includes(atom.element));
      const cations = atoms.filter((atom) => !data.anions.includes(atom.element));
      const far = (one, other) => atomstates.length(placed(atomstates.difference(one.fraction, other.fraction), cell));
      for (const name of new Set(cations.map((atom) => atom.element))) {
        const own = cations.filter((atom) => atom.element === name);
        const nearest = Math.min(...own.flatMap((one) => anions.map((other) => far(one, other))));
        for (const one of own) {
          for (const other of anions) {
            if (far(one, other) > BOND * nearest) continue;
            scene.stick(placed(one.fraction, cell), placed(other.fraction, cell), "#b9bfc6", 0.09);
          }
        }
      }
      scene.box(cell);
    }

    // Along a vector of the cell (as in the figure), or from the front and a little from above.
    function look(axis) {
      const cell = entry().cell, box = atomstates.corners.map((corner) => placed(corner, cell));
      if (axis === null) {
        const front = atomstates.cross(cell[0], cell[2]), out = atomstates.unit(front);
        const c = atomstates.unit(cell[2]), a = atomstates.unit(cell[0]);
        scene.look(out.map((x, k) => x + 0.35 * c[k] - 0.35 * a[k]), cell[2], box);
      } else scene.look(cell[axis].map((x) => (axis === 1 ? -x : x)), axis === 2 ? atomstates.cross(cell[2], cell[0]) : cell[2], box);
    }
  };

  function images(sites) {
    const found = [];
    for (const { element: name, fraction } of sites) {
      for (let n = 0; n < 27; n++) {
        const moved = fraction.map((x, k) => x + (Math.floor(n / 3 ** k) % 3) - 1);
        if (moved.every((x) => Math.abs(x - 0.5) <= 0.5 + BORDER)) found.push({ element: name, fraction: moved });
      }
    }
    return found;
  }

  // Rows are the reciprocal vectors, without 2π.
  function reciprocal([a, b, c]) {
    const volume = atomstates.dot(a, atomstates.cross(b, c));
    return [atomstates.cross(b, c), atomstates.cross(c, a), atomstates.cross(a, b)]
      .map((row) => row.map((x) => x / volume));
  }
})();

// Plays the way of an ion from site to site; beside it the profile of the energy, whose point follows.
(function () {
  "use strict";
  const { element, difference, length } = atomstates;
  const FRAME_MS = 260;
  const NEAR = 4.2; // Å from the way: other anions are small
  const BOND = 1.3; // times the shortest distance to an anion

  atomstates.panels.path = function (panel, data) {
    const state = { path: 0, frame: 0, timer: null, looked: false };
    const path = () => data.paths[state.path];
    const chooser = atomstates.choice("Path", data.paths.map((one) => one.name), (which) => {
      state.path = which;
      state.looked = false;
      stop();
      begin();
    });
    chooser.whole.hidden = data.paths.length < 2;
    const slider = element("input", { type: "range", min: 0, step: 1, "aria-label": "Image along the path",
      oninput: () => { stop(); show(Number(slider.value)); } });
    const play = element("button", { type: "button", onclick: () => (state.timer ? stop() : run()) }, "Play");
    const button = (words, by) => element("button", { type: "button", onclick: () => { stop(); step(by); } }, words);
    const profile = new Profile((frame) => { stop(); show(frame); });
    const said = element("output", { class: "said" });
    const scene = new atomstates.Scene(data.title, () => { state.looked = false; show(state.frame); });
    panel.append(
      element("h4", {}, data.title),
      element("div", { class: "controls" }, chooser.whole, play, button("‹ back", -1), button("on ›", 1), slider),
      element("div", { class: "beside" }, scene.whole, profile.whole), said,
      element("p", { class: "hint" }, "Small dots are the places of the ion in all images. " + atomstates.howToTurn));
    begin();

    function begin() {
      slider.max = path().energies.length - 1;
      show(0);
    }

    function run() {
      play.textContent = "Pause";
      if (!scene.viewer) scene.start();
      if (state.frame === path().energies.length - 1) show(0);
      state.timer = setInterval(() => {
        if (state.frame < path().energies.length - 1) step(1);
        else stop();
      }, FRAME_MS);
    }

    function stop() {
      clearInterval(state.timer);
      state.timer = null;
      play.textContent = "Play";
    }

    function step(by) {
      show(Math.min(Math.max(state.frame + by, 0), path().energies.length - 1));
    }

    function show(frame) {
      state.frame = frame;
      slider.value = frame;
      profile.draw(path(), frame);
      const energy = atomstates.signed(path().energies[frame], path().errors && path().errors[frame]);
      said.textContent = `Image ${frame + 1} of ${path().energies.length}: ${path().along[frame].toFixed(2)} Å along ` +
        `the way, ${energy} eV; highest ${Math.max(...path().energies).toFixed(3)} eV.`;
      slider.setAttribute("aria-valuetext", said.textContent);
      scene.holder.dataset.frame = frame;
      if (scene.viewer) draw();
    }

    function places(frame) {
      const one = path();
      one.unpacked = one.unpacked || atomstates.unpacked(one.positions);
      const many = one.elements.length, { values } = one.unpacked;
      return one.elements.map((name, i) => [0, 1, 2].map((k) => values[3 * (frame * many + i) + k]));
    }

    function draw() {
      const names = path().elements, at = places(state.frame);
      scene.clear();
      const way = path().energies.map((energy, frame) => places(frame)[0]);
      const rows = names.map((name, i) => i), anion = (i) => data.anions.includes(names[i]);
      const near = (i) => way.some((place) => length(difference(place, at[i])) < NEAR);
      const ball = (i) => ({ at: at[i], colour: data.colours[names[i]] || "#888888", tip: names[i] });
      const groups = [
        [rows.filter((i) => i && anion(i) && near(i)), 0.4],
        [rows.filter((i) => i && anion(i) && !near(i)), 0.18],
        [rows.filter((i) => i && !anion(i) && names[i] !== names[0]), 0.55],
        [rows.filter((i) => i && names[i] === names[0]), 0.42],
        [[0], 0.7],
      ];
      for (const [those, radius] of groups) if (those.length) scene.balls(those.map(ball), radius);
      scene.balls(way.map((place) => ({ at: place, colour: "#d55e00" })), 0.14);
      for (let n = 1; n < way.length; n++) scene.stick(way[n - 1], way[n], "#d55e00", 0.04);
      const others = rows.filter((i) => i && names[i] === names[0]);
      for (const i of rows.filter((row) => !anion(row) && !others.includes(row))) bonds(i, at, rows.filter(anion));
      scene.word(names[0], at[0], "white");
      if (state.looked) scene.viewer.render();
      else scene.look(...view(way), at);
      state.looked = true;
    }

    function bonds(centre, at, anions) {
      const far = anions.map((i) => length(difference(at[i], at[centre])));
      anions.forEach((i, n) => {
        if (far[n] <= BOND * Math.min(...far) && far[n] < 3.6) {
          scene.stick(at[centre], at[i], centre ? "#b9bfc6" : "#6f757c", 0.08);
        }
      });
    }

    // Across the way, so that it goes from left to right.
    function view(way) {
      const right = atomstates.unit(difference(way[way.length - 1], way[0]));
      const steep = Math.abs(right[2]) > 0.9 ? [1, 0, 0] : [0, 0, 1];
      const front = atomstates.unit(atomstates.cross(right, steep));
      const up = atomstates.cross(front, right);
      return [front.map((x, k) => x + 0.3 * up[k]), up];
    }
  };

  atomstates.signed = (value, error) =>
    (error > 0 ? atomstates.measured(value, error) : value.toFixed(3)).replace("-", "−");

  class Profile {
    constructor(picked) {
      this.picked = picked;
      this.svg = element("svg", { role: "img" });
      this.whole = element("div", { class: "histogram profile" }, this.svg);
      new ResizeObserver(() => this.path && this.draw(this.path, this.frame)).observe(this.whole);
    }

    draw(path, frame) {
      Object.assign(this, { path, frame });
      const width = Math.max(this.whole.clientWidth - 10, 240), height = 250;
      const [left, right, top, bottom] = [52, 12, 12, 46];
      const spread = path.errors || path.energies.map(() => 0);
      const low = Math.min(0, ...path.energies.map((e, i) => e - spread[i]));
      const high = Math.max(0.01, ...path.energies.map((e, i) => e + spread[i]));
      const margin = 0.08 * (high - low), last = path.along[path.along.length - 1] || 1;
      const x = (s) => left + ((width - left - right) * s) / last;
      const y = (e) => top + ((height - top - bottom) * (high + margin - e)) / (high - low + 2 * margin);
      this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      this.svg.setAttribute("aria-label", `Energy along the way of the ion, highest ${high.toFixed(3)} eV.`);
      this.svg.replaceChildren();
      const add = (name, attributes, ...children) => this.svg.append(element(name, attributes, ...children));
      for (const value of atomstates.ticks(low, high + margin, 4)) {
        add("line", { x1: left, x2: width - right, y1: y(value), y2: y(value), class: "grid" });
        add("text", { x: left - 5, y: y(value) + 4, "text-anchor": "end" }, String(value).replace("-", "−"));
      }
      for (const value of atomstates.ticks(0, last, 4)) {
        add("text", { x: x(value), y: height - bottom + 18, "text-anchor": "middle" }, String(value));
      }
      add("text", { x: (left + width) / 2, y: height - 8, "text-anchor": "middle" }, "way of the ion, Å");
      const middle = (top + height - bottom) / 2;
      add("text", { x: 12, y: middle, "text-anchor": "middle", transform: `rotate(-90 12 ${middle})` }, "energy, eV");
      const points = path.energies.map((energy, i) => `${x(path.along[i])},${y(energy)}`);
      add("path", { d: `M${points.join("L")}`, fill: "none", stroke: "#0072b2", "stroke-width": 1.5 });
      path.energies.forEach((energy, i) => {
        const at = x(path.along[i]);
        if (spread[i]) {
          add("line", { x1: at, x2: at, y1: y(energy - spread[i]), y2: y(energy + spread[i]), stroke: "#0072b2" });
        }
        add("circle", { cx: at, cy: y(energy), r: i === frame ? 7 : 3.5, fill: i === frame ? "#d55e00" : "#0072b2" });
        add("circle", { cx: at, cy: y(energy), r: 12, class: "target", onclick: () => this.picked(i) });
      });
    }
  }
})();

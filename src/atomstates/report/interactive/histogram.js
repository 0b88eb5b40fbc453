// The density of states of one temperature as bars that can be hovered over and clicked.
(function () {
  "use strict";
  const { element, number } = atomstates;
  const MARGIN = { left: 46, right: 8, top: 10, bottom: 48 };

  atomstates.Histogram = class {
    // range: energies shown, eV; picked(bin) is called when a bar is clicked.
    constructor(range, labels, picked) {
      Object.assign(this, { range, labels, picked, entry: null, bin: null, most: 1 });
      this.tip = element("div", { class: "tip" });
      this.tip.hidden = true;
      this.svg = element("svg", { role: "img" });
      this.whole = element("div", { class: "histogram" }, this.svg, this.tip);
      new ResizeObserver(() => this.entry && this.draw(this.entry, this.bin)).observe(this.whole);
    }

    draw(entry, bin) {
      this.entry = entry;
      this.bin = bin;
      const width = Math.max(this.whole.clientWidth, 260), height = 250;
      const inner = [width - MARGIN.left - MARGIN.right, height - MARGIN.top - MARGIN.bottom];
      const top = 1.06 * Math.max(...entry.total.map((value, i) => value + (entry.error ? entry.error[i] : 0)));
      const x = (energy) => MARGIN.left + (inner[0] * (energy - this.range[0])) / (this.range[1] - this.range[0]);
      const y = (density) => MARGIN.top + inner[1] * (1 - density / top);
      this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      this.svg.setAttribute("aria-label", this.words());
      this.svg.replaceChildren();
      const add = (name, attributes, ...children) => this.svg.append(element(name, attributes, ...children));
      this.axes(add, x, y, top, width, height);
      entry.total.forEach((total, i) => {
        const [low, high] = [entry.edges[i], entry.edges[i + 1]];
        if (high < this.range[0] || low > this.range[1]) return;
        const [left, right] = [Math.max(x(low), MARGIN.left), Math.min(x(high), width - MARGIN.right)];
        let below = 0;
        for (const part of entry.parts) {
          const value = part.values[i];
          if (value > 0) {
            add("rect", { x: left + 0.5, width: Math.max(right - left - 1, 0.5), y: y(below + value),
              height: y(below) - y(below + value), fill: part.colour, opacity: i === bin ? 1 : 0.62 });
          }
          below += value;
        }
        if (entry.error && entry.error[i] > 0) {
          const middle = (left + right) / 2;
          add("line", { x1: middle, x2: middle, y1: y(total + entry.error[i]),
            y2: y(Math.max(total - entry.error[i], 0)), stroke: "#1d2228", "stroke-width": 1 });
        }
        if (i === bin) {
          add("rect", { x: left, width: right - left, y: MARGIN.top, height: inner[1], class: "chosen" });
        }
        const target = element("rect", { x: left, width: right - left, y: MARGIN.top, height: inner[1],
          class: "target", "data-bin": i, onclick: () => this.picked(i),
          onpointermove: () => this.show(i, (left + right) / 2, width), onpointerleave: () => this.show(null) });
        this.svg.append(target);
      });
    }

    axes(add, x, y, top, width, height) {
      const bottom = height - MARGIN.bottom;
      for (let n = 0; n < 48; n++) {
        const from = this.range[0] + ((this.range[1] - this.range[0]) * n) / 48;
        const to = this.range[0] + ((this.range[1] - this.range[0]) * (n + 1)) / 48;
        add("rect", { x: x(from), width: x(to) - x(from) + 0.5, y: bottom + 2, height: 6,
          fill: atomstates.shade((n + 0.5) / 48) });
      }
      add("line", { x1: MARGIN.left, x2: width - MARGIN.right, y1: bottom, y2: bottom, stroke: "#5b6570" });
      for (const value of ticks(this.range[0], this.range[1], width < 420 ? 4 : 8)) {
        add("text", { x: x(value), y: bottom + 21, "text-anchor": "middle" }, String(value));
      }
      for (const value of ticks(0, top, 4)) {
        add("line", { x1: MARGIN.left, x2: width - MARGIN.right, y1: y(value), y2: y(value), class: "grid" });
        add("text", { x: MARGIN.left - 5, y: y(value) + 4, "text-anchor": "end" }, String(value));
      }
      add("text", { x: (MARGIN.left + width) / 2, y: height - 8, "text-anchor": "middle" }, this.labels[0]);
      const middle = MARGIN.top + (bottom - MARGIN.top) / 2;
      add("text", { x: 12, y: middle, "text-anchor": "middle", transform: `rotate(-90 12 ${middle})` },
        this.labels[1]);
    }

    show(bin, at, width) {
      this.tip.hidden = bin === null;
      if (bin === null) return;
      this.tip.textContent = this.bar(bin);
      this.tip.style.left = `${Math.min(Math.max(at - 90, 0), Math.max(width - 190, 0))}px`;
    }

    // One bar in words.
    bar(bin) {
      const entry = this.entry, total = entry.total[bin];
      const parts = entry.parts.filter((part) => part.values[bin] > 0)
        .map((part) => `${part.label} ${number((100 * part.values[bin]) / total, 2)} %`);
      return `${entry.edges[bin].toFixed(2)} to ${entry.edges[bin + 1].toFixed(2)} eV: ` +
        `${atomstates.measured(total, entry.error && entry.error[bin])} per eV${parts.length ? `; ${parts.join("; ")}` : ""}`;
    }

    words() {
      const entry = this.entry, highest = entry.total.indexOf(Math.max(...entry.total));
      return `Density of states at ${entry.temperature} K, highest at ${entry.edges[highest].toFixed(2)} to ` +
        `${entry.edges[highest + 1].toFixed(2)} eV. Chosen: ${this.bin === null ? "nothing" : this.bar(this.bin)}.`;
    }
  };

  // Round numbers from low to high, about n of them.
  function ticks(low, high, n) {
    const rough = (high - low) / n, power = 10 ** Math.floor(Math.log10(rough));
    const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
    const found = [];
    for (let value = Math.ceil(low / step) * step; value <= high + 1e-9; value += step) {
      found.push(Number(value.toFixed(6)));
    }
    return found;
  }
  atomstates.ticks = ticks;
})();

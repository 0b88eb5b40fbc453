// Isosurfaces by surface nets with interpolation: one vertex in each cell of the grid that the surface
// crosses, at the mean of its crossings of the cell's edges (S. Gibson, MICCAI 1998), and one quadrilateral
// about each edge of the grid that it crosses. (The marching cubes of 3Dmol.js do not interpolate.)
(function () {
  "use strict";

  // field: {shape, values, first} of a periodic cell; vertices are fractional positions.
  // The surface is that of one cell and ends at its borders.
  atomstates.surface = function (field, level) {
    const [na, nb, nc] = field.shape;
    const value = (i, j, k) =>
      field.values[(((i + na) % na) * nb + ((j + nb) % nb)) * nc + ((k + nc) % nc)] - level;
    // one point more on either side, so that the surface reaches the borders
    const [la, lb, lc] = [na + 2, nb + 2, nc + 2];
    const grid = new Float32Array(la * lb * lc);
    for (let i = 0, n = 0; i < la; i++) {
      for (let j = 0; j < lb; j++) for (let k = 0; k < lc; k++) grid[n++] = value(i - 1, j - 1, k - 1);
    }
    const step = [lb * lc, lc, 1];
    const vertices = [], slopes = [], faces = [], owner = new Int32Array(grid.length).fill(-1);
    const ends = atomstates.corners.map((corner) => corner[0] * step[0] + corner[1] * step[1] + corner[2]);
    for (let i = 0; i < la - 1; i++) {
      for (let j = 0; j < lb - 1; j++) {
        for (let k = 0; k < lc - 1; k++) {
          const here = i * step[0] + j * step[1] + k;
          const found = crossing(grid, here, ends);
          if (!found) continue;
          owner[here] = vertices.length;
          vertices.push([i + found[0], j + found[1], k + found[2]]);
          slopes.push(slope(grid, here, ends).map((rise, axis) => rise * field.shape[axis]));
        }
      }
    }
    for (let i = 1; i < la - 1; i++) {
      for (let j = 1; j < lb - 1; j++) {
        for (let k = 1; k < lc - 1; k++) {
          const here = i * step[0] + j * step[1] + k;
          for (let axis = 0; axis < 3; axis++) {
            const inside = grid[here] > 0;
            if (inside === grid[here + step[axis]] > 0) continue;
            const u = step[(axis + 1) % 3], v = step[(axis + 2) % 3];
            const around = [here, here - u, here - u - v, here - v].map((cell) => owner[cell]);
            if (!inside) around.reverse();
            faces.push(around[0], around[1], around[2], around[0], around[2], around[3]);
          }
        }
      }
    }
    const fractions = vertices.map((at) =>
      at.map((x, axis) => (x - 1) / field.shape[axis] + field.first[axis]));
    return { fractions, slopes, faces };
  };

  function crossing(grid, here, ends) {
    let mask = 0;
    for (let n = 0; n < 8; n++) if (grid[here + ends[n]] > 0) mask |= 1 << n;
    if (mask === 0 || mask === 255) return null;
    const sum = [0, 0, 0];
    let crossed = 0;
    for (const [one, other] of atomstates.edges) {
      if (((mask >> one) & 1) === ((mask >> other) & 1)) continue;
      const a = grid[here + ends[one]], b = grid[here + ends[other]], t = a / (a - b);
      for (let axis = 0; axis < 3; axis++) {
        const from = atomstates.corners[one][axis], to = atomstates.corners[other][axis];
        sum[axis] += from + t * (to - from);
      }
      crossed++;
    }
    return sum.map((x) => x / crossed);
  }

  // Rise of the field across a cell, along each axis: its direction is that of the light's normal.
  function slope(grid, here, ends) {
    const rise = [0, 0, 0];
    ends.forEach((end, n) => {
      for (let axis = 0; axis < 3; axis++) rise[axis] += (atomstates.corners[n][axis] ? 1 : -1) * grid[here + end];
    });
    return rise.map((sum) => sum / 4);
  }
})();

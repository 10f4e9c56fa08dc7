// The pictures: all frames in one sheet, and what is computed from them pixel by pixel.

// From black over red to pale yellow, of even steps in lightness (matplotlib's inferno).
const HEAT = [[0, 0, 4], [66, 10, 104], [147, 38, 103], [221, 81, 58], [252, 165, 10], [252, 255, 164]];
const FULL_ERROR = 128; // levels of 255 that are drawn as the hottest
const FULL_SPREAD = 64;

class Sheet {
  // image: row k of it holds the frames of one video, each `size` pixels square.
  constructor(image, size) {
    this.image = image;
    this.size = size;
    const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
    this.pixels = canvas.getContext("2d", { willReadFrequently: true });
    this.pixels.drawImage(image, 0, 0);
  }

  // Draw a frame, or only its columns from `from` on.
  draw(context, row, frame, from = 0) {
    const { size } = this;
    const width = size - from;
    if (width <= 0) return;
    const [x, y] = [frame * size + from, row * size];
    context.drawImage(this.image, x, y, width, size, from, 0, width, size);
  }

  // RGBA of a frame, one after the other.
  read(row, frame) {
    return this.pixels.getImageData(frame * this.size, row * this.size, this.size, this.size).data;
  }

  // [red, green, blue] of one pixel.
  colour(row, frame, [x, y]) {
    const { data } = this.pixels.getImageData(frame * this.size + x, row * this.size + y, 1, 1);
    return [...data].slice(0, 3);
  }

  drawError(context, row, truthRow, frame) {
    const [one, other] = [this.read(row, frame), this.read(truthRow, frame)];
    this.drawHeat(context, FULL_ERROR, (i) => {
      let sum = 0;
      for (let c = 0; c < 3; c++) sum += Math.abs(one[i + c] - other[i + c]);
      return sum / 3;
    });
  }

  // Standard deviation over samples, the mean of three channels.
  drawSpread(context, rows, frame) {
    const samples = rows.map((row) => this.read(row, frame));
    this.drawHeat(context, FULL_SPREAD, (i) => {
      let deviation = 0;
      for (let c = 0; c < 3; c++) {
        const mean = samples.reduce((sum, pixels) => sum + pixels[i + c], 0) / samples.length;
        const square = samples.reduce((sum, pixels) => sum + (pixels[i + c] - mean) ** 2, 0);
        deviation += Math.sqrt(square / samples.length) / 3;
      }
      return deviation;
    });
  }

  drawMean(context, rows, frame) {
    const samples = rows.map((row) => this.read(row, frame));
    const picture = context.createImageData(this.size, this.size);
    for (let i = 0; i < picture.data.length; i++) {
      picture.data[i] = samples.reduce((sum, pixels) => sum + pixels[i], 0) / samples.length;
    }
    context.putImageData(picture, 0, 0);
  }

  // level: of the pixel whose four bytes begin at i, in 0..255; `full` is drawn as the hottest.
  drawHeat(context, full, level) {
    const picture = context.createImageData(this.size, this.size);
    for (let i = 0; i < picture.data.length; i += 4) {
      const place = Math.min(1, level(i) / full) * (HEAT.length - 1);
      const below = Math.min(HEAT.length - 2, Math.floor(place));
      for (let c = 0; c < 3; c++) {
        const [low, high] = [HEAT[below][c], HEAT[below + 1][c]];
        picture.data[i + c] = low + (high - low) * (place - below);
      }
      picture.data[i + 3] = 255;
    }
    context.putImageData(picture, 0, 0);
  }
}

function buildCanvas(size) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  return canvas;
}

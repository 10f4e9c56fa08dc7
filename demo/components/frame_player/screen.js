// The player on the whole screen, for talks; asked for again it goes back, as Escape does.

function fillScreen(root) {
  if (root.matches(":fullscreen")) document.exitFullscreen();
  else if (document.fullscreenEnabled) root.requestFullscreen();
}

"""Elements of the page that draw in the browser, without the server."""
